"""Servers of MariaDB and MySQL that keep the role which people have given them."""

from dataclasses import replace

from exporters.deployment import Bind, ConfigFile, Service
from exporters.programs import ReadOnly

ROLE_FILE = "/var/lib/mysql/.role"  # in the volume: it holds as long as the data
_SCRIPT = "server.sh"
_TARGET = f"/usr/local/bin/{_SCRIPT}"


def in_its_role(service: Service, folder: str) -> Service:
    """Return a server that starts as primary or replica as its data say, else as it was drawn."""
    bind = Bind(source=f"{folder}/{_SCRIPT}", target=_TARGET)
    return replace(service, entrypoint=("bash", _TARGET), binds=(*service.binds, bind))


def role_script(folder: str, option: str) -> ConfigFile:
    """Return the script that starts such a server; `option` makes it refuse writes."""
    values = ReadOnly(option=option)
    return ConfigFile(path=f"{folder}/{_SCRIPT}", template=f"mysql/{_SCRIPT}", values=values)
