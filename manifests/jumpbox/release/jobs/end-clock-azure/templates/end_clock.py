"""Delete an environment's resource group some minutes after its end: all of it at once, this VM included.

Run as `end_clock.py SETTINGS`; it looks every minute, until the VM is gone. `end_clock.py --check SETTINGS` says whether
it could delete the group, and deletes nothing. Python 3.8, the standard library alone.

The end is a tag of the group, read anew each time; the login cannot change it. Time is that of Resource Manager's
answers, so that this VM's clock does not matter. A group that is not the environment's, or that holds a resource which
is not, is never deleted. Killed before the deletion is sent, the next start does the same; afterwards Azure alone
carries it out.
"""

import datetime
import email.utils
import http.client
import json
import ssl
import sys
import time
import urllib.parse
import urllib.request

EVERY_S = 60
AGAIN_S = 10  # where nothing was found out: the login comes a moment after this VM
GRACE_S = 600  # the operator's machine goes first: it deletes in order, and keeps the receipt
CHECK_S = 300  # Azure takes minutes until a new role is in force
TIMEOUT_S = 60
MOST_BYTES = 16 * 1024 * 1024
VERSION = "2024-03-01"
OWNER = ("compleat-environment", "compleat-deployment", "compleat-action")
ENDS = "compleat-ends"


TROUBLE = (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, AttributeError)


class Refused(Exception):
    """Why the group stays."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A token goes to nobody but the address that was configured."""

    def redirect_request(self, *_arguments, **_named):
        return None


class Azure:
    """Resource Manager, and the metadata service that gives tokens for it."""

    def __init__(self, settings):
        self._settings = settings
        context = ssl.create_default_context(cadata=settings["ca"] or None)
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), _NoRedirects()
        )

    def get(self, path):
        """The answer, and the time that it bears."""
        return self._call("GET", self._url(path))

    def entries(self, path):
        """All pages of a list."""
        url = self._url(path)
        while url:
            if not url.startswith(self._settings["resource_manager"] + "/"):
                raise Refused("Resource Manager names a next page elsewhere")
            page, _ = self._call("GET", url)
            yield from page["value"]
            url = page.get("nextLink")

    def delete(self, path):
        """Azure takes it on; this VM does not live to see the end."""
        self._call("DELETE", self._url(path))

    def _url(self, path):
        return "{}{}?api-version={}".format(self._settings["resource_manager"], path, VERSION)

    def _call(self, method, url):
        headers = {"Authorization": "Bearer " + self._token()}
        answer, date = self._send(urllib.request.Request(url, method=method, headers=headers))
        return answer, email.utils.parsedate_to_datetime(date).timestamp()

    def _token(self):
        asked = {
            "api-version": "2018-02-01",
            "resource": self._settings["resource"],
            "msi_res_id": self._settings["identity"],
        }
        url = "{}/metadata/identity/oauth2/token?{}".format(self._settings["metadata"], urllib.parse.urlencode(asked))
        answer, _ = self._send(urllib.request.Request(url, headers={"Metadata": "true"}))
        return answer["access_token"]

    def _send(self, request):
        with self._opener.open(request, timeout=TIMEOUT_S) as answer:
            text = answer.read(MOST_BYTES)
            return json.loads(text) if text else {}, answer.headers["Date"]


def look(azure, settings):
    """Look once; gives what was found or done."""
    path = settings["resource_group"]
    group, now = read_group(azure, settings)
    end = group["tags"].get(ENDS)
    if group["properties"].get("provisioningState") == "Deleting":
        return "the resource group is being deleted"
    if end is None:
        return "no end is set"
    moment = datetime.datetime.strptime(end, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    if now < moment.timestamp() + GRACE_S:
        return "the environment ends at {}, and is deleted {} minutes later".format(end, GRACE_S // 60)
    require_own_resources(azure, settings)
    azure.delete(path)
    return "the end {} has passed: Azure was asked to delete the resource group".format(end)


def read_group(azure, settings):
    """The group, if it is the environment's, and Resource Manager's time."""
    group, now = azure.get(settings["resource_group"])
    if not is_own(group.get("tags") or {}, settings["environment"]):
        raise Refused("the resource group does not belong to environment " + settings["environment"])
    return group, now


def require_own_resources(azure, settings):
    """Refuse a group that holds anything else."""
    others = foreign(list(azure.entries(settings["resource_group"] + "/resources")), settings["environment"])
    if others:
        raise Refused("the resource group holds what is not of the environment: " + ", ".join(others[:5]))


def is_own(tags, environment):
    """Whether a resource is the environment's."""
    return all(name in tags for name in OWNER) and tags[OWNER[0]] == environment


def foreign(resources, environment):
    """Names of those that neither are the environment's nor are part of one that is: a VM's own disk."""
    own = {one["id"].lower() for one in resources if is_own(one.get("tags") or {}, environment)}
    return sorted(one["name"] for one in resources if not _is_part(one, own))


def _is_part(resource, own):
    words = resource["id"].lower().split("/")
    above = {"/".join(words[:number]) for number in range(1, len(words) + 1)}
    return bool(above & own) or (resource.get("managedBy") or "").lower() in own


def check(settings):
    """Print the end as soon as it is known; gives the exit code."""
    last_s = time.monotonic() + CHECK_S
    while True:
        try:
            azure = Azure(settings)
            group, _ = read_group(azure, settings)
            require_own_resources(azure, settings)
            print("the environment ends at {}".format(group["tags"].get(ENDS, "no time")))
            return 0
        except Refused as error:
            sys.exit("It would not be deleted: {}.".format(error))
        except TROUBLE as error:
            if time.monotonic() > last_s:
                sys.exit("The clock cannot reach Azure: {}: {}".format(type(error).__name__, error))
        time.sleep(2)


def run(settings):
    """Look again and again; what was logged is not logged again before it changes."""
    azure, logged = Azure(settings), None
    while True:
        pause_s = EVERY_S
        try:
            found = look(azure, settings)
        except Refused as error:
            found = "not deleted: {}".format(error)
        except TROUBLE as error:
            found, pause_s = "not known: {}: {}".format(type(error).__name__, error), AGAIN_S
        if found != logged:
            print("{} {}".format(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), found), flush=True)
            logged = found
        time.sleep(pause_s)


def main(words):
    """As the words say; the last names the file of the settings."""
    with open(words[-1], encoding="utf-8") as stream:
        settings = json.load(stream)
    return check(settings) if words[0] == "--check" else run(settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
