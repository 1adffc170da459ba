"""One of our clouds as a BOSH CPI executable: one request in, one response out.

Takes a plugin's name, a settings file and a request's bytes, gives a response's bytes; it raises nothing. `info` is
answered from a table; only another call imports the plugin, its SDK, and whatever else it takes to call a cloud.
"""

import importlib
import traceback

from cpi.contract.errors import CloudError, ExplainedError
from cpi.contract.protocol import failures
from cpi.contract.protocol.envelope import CpiError, Request, Response, read_request, write_response
from cpi.serve import formats
from cpi.serve.served_plugin import ServedPlugin as ServedPlugin

_CALLS = "cpi.serve.calls"


def answer(service: ServedPlugin, data: bytes) -> bytes:
    """Give the response, whatever happens: a director learns of errors from it alone."""
    try:
        request = read_request(data)
    except CloudError as error:
        return write_response(Response(refusal=failures.write_failure(error, "")))
    return write_response(_respond(service, request))


def _respond(service: ServedPlugin, request: Request) -> Response:
    try:
        if request.method == "info":
            return _info(service, request)
        response: Response = importlib.import_module(_CALLS).respond(service, request)
    except ExplainedError as error:
        return Response(refusal=failures.write_failure(error, request.method))
    except Exception as error:
        return Response(refusal=_broken(service, error))
    return response


def _info(service: ServedPlugin, request: Request) -> Response:
    known = formats.FORMATS.get(service.plugin)
    if known is None:
        known = importlib.import_module(_CALLS).ask_formats(service, request)
    return Response(result={"stemcell_formats": list(known), "api_version": formats.API_VERSION})


def _broken(service: ServedPlugin, error: Exception) -> CpiError:
    """Lines and names go to the log; values of variables, which may be secrets, nowhere."""
    service.log.report("".join(traceback.format_exception(type(error), None, error.__traceback__)))
    return CpiError(type="Bosh::Clouds::CpiError", message=f"bug: The plugin crashed: {type(error).__name__}.")
