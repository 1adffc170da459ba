"""Any call but `info`: the plugin connected, the method done, its refusal named as BOSH names it.

Takes a service and a request, gives a response; raises what the cloud raises. Imported when the first such call comes.
"""

from collections.abc import Mapping

from cpi import plugins
from cpi.contract.cloud import ConnectedCloud, Plugin
from cpi.contract.errors import NotFoundError
from cpi.contract.protocol import failures
from cpi.contract.protocol.envelope import CpiError, Request, Response
from cpi.contract.values import VmCid
from cpi.serve import methods, owners, settings
from cpi.serve.served_plugin import ServedPlugin

_WITHOUT_REGISTRY = 2
"""The version of a stemcell's API from which its agent finds its settings in the user data."""

_ON_VM_AND_DISK = frozenset({"attach_disk", "detach_disk"})


def respond(service: ServedPlugin, request: Request) -> Response:
    """Do it."""
    if request.method not in methods.METHODS:
        return Response(refusal=_not_implemented(request.method))
    return _call(service, request)


def ask_formats(service: ServedPlugin, request: Request) -> tuple[str, ...]:
    """The stemcell formats of a plugin that is not in our table."""
    return _connect(service, request).cloud.info().stemcell_formats


def _call(service: ServedPlugin, request: Request) -> Response:
    chosen = settings.load_settings(service.config, service.plugin)
    connected = _connect(service, request)
    for remark in connected.setting_remarks:
        service.log.report(f"{remark.code}: {remark.what} {remark.why}")
    served = methods.Served(
        connected=connected,
        owner=owners.derive_owner(request, chosen.environment),
        user=chosen.user,
        public_key=chosen.public_key,
        version=request.api_version or 1,
        sleep=service.sleep,
        log=service.log,
        agent=chosen.agent if _has_agent(request) else None,
    )
    try:
        return Response(result=methods.call_method(served, request.method, request.arguments))
    except NotFoundError as error:
        if request.method not in _ON_VM_AND_DISK:
            raise
        return Response(refusal=_missing(error, connected, request))
    finally:
        connected.close()


def _has_agent(request: Request) -> bool:
    """Whether the director says that the stemcell's agent reads its settings without a registry."""
    vm = request.context.get("vm")
    stemcell = vm.get("stemcell") if isinstance(vm, Mapping) else None
    version = stemcell.get("api_version") if isinstance(stemcell, Mapping) else None
    return isinstance(version, int) and version >= _WITHOUT_REGISTRY


def _connect(service: ServedPlugin, request: Request) -> ConnectedCloud:
    chosen = settings.load_settings(service.config, service.plugin)
    plugin: Plugin = (service.find or plugins.find_plugin)(service.plugin)
    return plugin.connect(chosen.connect_settings(request.properties(), service.log))


def _missing(error: NotFoundError, connected: ConnectedCloud, request: Request) -> CpiError:
    """Which of the two is not there; of a disk only a VM that is there can be missing one."""
    has_vm = connected.cloud.has_vm(VmCid(str(request.arguments[0])))
    return failures.write_failure(error, "has_disk" if has_vm else "has_vm")


def _not_implemented(method: str) -> CpiError:
    return CpiError(type=failures.NOT_IMPLEMENTED, message=f"cpi-not-implemented: Method '{method}' is not supported.")
