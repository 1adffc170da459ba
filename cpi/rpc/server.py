"""One of our clouds as a BOSH CPI executable: one request in, one response out.

Takes a plugin's name, a settings file and a request's bytes, gives a response's bytes; it raises nothing. `info` is
answered from a table, without the plugin.
"""

import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from cpi import plugins
from cpi.cloud import ConnectedCloud, Plugin
from cpi.errors import CloudError, ExplainedError, NotFoundError
from cpi.protocol import failures
from cpi.protocol.envelope import Refusal, Request, Response, read_request, write_response
from cpi.rpc import formats, methods, owners, settings
from cpi.values import JsonValue, VmCid

_ON_VM_AND_DISK = frozenset({"attach_disk", "detach_disk"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What is served: a plugin by name, and the path of its settings, None for none."""

    plugin: str
    config: str | None = None
    find: Callable[[str], Plugin] = plugins.find_plugin


def answer(service: Service, data: bytes) -> bytes:
    """Give the response, whatever happens: a director learns of errors from it alone."""
    try:
        request = read_request(data)
    except CloudError as error:
        return write_response(Response(refusal=failures.write_failure(error, "")))
    return write_response(_respond(service, request))


def _respond(service: Service, request: Request) -> Response:
    try:
        if request.method == "info":
            return Response(result=_info(service, request))
        if request.method not in methods.METHODS:
            return Response(refusal=_not_implemented(request.method))
        return _call(service, request)
    except ExplainedError as error:
        return Response(refusal=failures.write_failure(error, request.method))
    except Exception as error:
        return Response(refusal=_broken(error))


def _info(service: Service, request: Request) -> JsonValue:
    known = formats.FORMATS.get(service.plugin)
    if known is None:
        known = _connect(service, request).cloud.info().stemcell_formats
    return {"stemcell_formats": list(known), "api_version": formats.API_VERSION}


def _call(service: Service, request: Request) -> Response:
    chosen = settings.load_settings(service.config, service.plugin)
    connected = _connect(service, request)
    served = methods.Served(
        connected=connected,
        owner=owners.derive_owner(request, chosen.environment),
        user=chosen.user,
        public_key=chosen.public_key,
        version=request.api_version or 1,
    )
    try:
        return Response(result=methods.call_method(served, request.method, request.arguments))
    except NotFoundError as error:
        if request.method not in _ON_VM_AND_DISK:
            raise
        return Response(refusal=_missing(error, connected, request))
    finally:
        connected.close()


def _connect(service: Service, request: Request) -> ConnectedCloud:
    chosen = settings.load_settings(service.config, service.plugin)
    return service.find(service.plugin).connect(chosen.connect_settings(request.properties()))


def _missing(error: NotFoundError, connected: ConnectedCloud, request: Request) -> Refusal:
    """Which of the two is not there; of a disk only a VM that is there can be missing one."""
    has_vm = connected.cloud.has_vm(VmCid(str(request.arguments[0])))
    return failures.write_failure(error, "has_disk" if has_vm else "has_vm")


def _not_implemented(method: str) -> Refusal:
    return Refusal(type=failures.NOT_IMPLEMENTED, message=f"cpi-not-implemented: There is no method '{method}' here.")


def _broken(error: Exception) -> Refusal:
    """Lines and names go to the log; values of variables, which may be secrets, nowhere."""
    print("".join(traceback.format_exception(type(error), None, error.__traceback__)), file=sys.stderr)
    return Refusal(type="Bosh::Clouds::CpiError", message=f"bug: The plugin broke: {type(error).__name__}.")
