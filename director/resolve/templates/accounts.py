"""What a template's VM has beside its hardware: the user with keys, the script of its first start, its image.

Takes a VM, gives values; reports what is wrong with them.
"""

import re
from collections.abc import Mapping

from cpi.contract.value_classes import dataclass
from director.model.secret_ref import Property
from director.model.template_resources import SecureValue, TemplateResource, TemplateValue
from director.resolve.findings import Findings
from director.resolve.templates import extensions, pieces, scripts
from director.resolve.templates.pieces import TemplatePiece, body_of

_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_PUBLIC_KEY = re.compile(r"(ssh|ecdsa|sk)-[A-Za-z0-9@.-]{1,60} [A-Za-z0-9+/=]{40,}( [ -~]{0,200})?")
_RESERVED = frozenset({"root", "vcap", "daemon", "bin", "sys", "nobody"})
_IMAGES = (
    (re.compile(r"canonical .*(22[._]04|jammy)"), "ubuntu-jammy"),
    (re.compile(r"canonical .*(24[._]04|noble)"), "ubuntu-noble"),
    (re.compile(r"debian .*\b12\b"), "debian-12"),
    (re.compile(r"debian .*\b13\b"), "debian-13"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`script` is run once as root; "" for none."""

    user: str
    keys: tuple[str, ...]
    script: str

    def properties(self) -> Mapping[str, Property]:
        """The properties of the job that makes the user."""
        script = {"script": self.script} if self.script else {}
        return {"user": self.user, "keys": list(self.keys), **script}


def read_account(vm: TemplateResource, extension: TemplatePiece | None, *, found: Findings) -> Account | None:
    """None where the template has no osProfile. `extension` has the script of the VM's extension, None without one."""
    profile = body_of(vm).at("properties", "osProfile")
    if not profile.is_written:
        if extension is not None:
            _report_script(extension, "its VM has no osProfile.", "Add osProfile with a user.", found=found)
        return None
    user = profile.at("adminUsername")
    name = user.text(found)
    if not _USER.fullmatch(name) or name in _RESERVED or name.startswith("bosh_"):
        (user if user.is_written else profile).report_here(
            pieces.INVALID,
            f"'{name}' is not a valid adminUsername.",
            found=found,
            why="It is a name of a-z, 0-9, '_' and '-', of 32 characters at most, and no user of the system.",
            fix="Choose another name.",
        )
    keys = [_key(each, name, found) for each in _keys(profile).elements()]
    if not any(keys):
        profile.report_here(
            pieces.INVALID,
            f"the user '{name}' has no SSH key.",
            found=found,
            why="Users sign in with SSH keys.",
            fix="Add linuxConfiguration.ssh.publicKeys.",
        )
    return Account(
        user=name, keys=tuple(key for key in keys if key), script=_script(vm, profile, extension, found=found)
    )


def read_image(vm: TemplateResource, found: Findings) -> str:
    """The operating system by BOSH's name; "linux" is the environment's own, where no image is named."""
    image = body_of(vm).at("properties", "storageProfile", "imageReference")
    if not image.is_written:
        return "linux"
    words = " ".join(image.at(name).text(found) for name in ("publisher", "offer", "sku")).lower()
    os = next((os for pattern, os in _IMAGES if pattern.search(words)), None)
    if os is None:
        image.report_here(
            pieces.INVALID,
            f"the image '{words}' is not known.",
            found=found,
            why="compleat knows Canonical's Ubuntu 22.04 and 24.04, and Debian 12 and 13.",
            fix="Name one of these, or leave imageReference out for the environment's own image.",
        )
    return os or "linux"


def is_public_key(value: TemplateValue) -> bool:
    """Whether a secure value is a public key in OpenSSH's form, which is no secret."""
    return isinstance(value, SecureValue) and _PUBLIC_KEY.fullmatch(str(value.value).strip()) is not None


def _keys(profile: TemplatePiece) -> TemplatePiece:
    return profile.at("linuxConfiguration", "ssh", "publicKeys")


def _key(piece: TemplatePiece, user: str, found: Findings) -> str:
    path, key = piece.at("path"), piece.at("keyData")
    wanted = f"/home/{user}/.ssh/authorized_keys"
    if path.is_written and path.text(found) != wanted:
        path.report_here(
            pieces.INVALID, f"the keys are in {wanted}.", found=found, fix=f"Write '{wanted}', or leave `path` out."
        )
    text = _key_text(key, found)
    if key.is_written and isinstance(key.value, str) and (len(text.split()) < 2 or not text.isprintable()):
        key.report_here(
            pieces.INVALID,
            "keyData is not an SSH public key.",
            found=found,
            why="A key is one line: its type, the key in base64, perhaps a comment.",
            fix="Write the content of a file such as ~/.ssh/id_ed25519.pub.",
        )
        return ""
    return text


def _key_text(key: TemplatePiece, found: Findings) -> str:
    """A public key is no secret: one of a secure parameter is taken, too. What is none stays hidden and is refused."""
    if isinstance(key.value, SecureValue):
        if not is_public_key(key.value):
            return ""
        found.remark(
            "template-key-public",
            f"{key.resource.title}: {key.title} is a public SSH key of a secure parameter; plans show it.",
            where=key.where,
        )
        return str(key.value.value).strip()
    return key.text(found).strip()


def _script(vm: TemplateResource, profile: TemplatePiece, extension: TemplatePiece | None, *, found: Findings) -> str:
    custom = profile.at("customData")
    if extension is None:
        return scripts.decoded(custom, found)
    if custom.is_written:
        fix = "Write both into one script."
        _report_script(extension, f"its VM '{vm.name}' has a script in customData.", fix, found=found)
    return extensions.script_of(extension, found)


def _report_script(piece: TemplatePiece, what: str, fix: str, *, found: Findings) -> None:
    piece.report_here(pieces.INVALID, what, found=found, why="A VM runs one script, with its user's job.", fix=fix)
