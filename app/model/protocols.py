"""The registry of protocols: usual ports and whether what they carry can be read on the way.

Ports are those of the IANA Service Name and Transport Protocol Port Number Registry.
"""

from types import MappingProxyType
from typing import NamedTuple


class Protocol(NamedTuple):
    """A protocol by its usual names: ports it is expected on, and whether it is encrypted."""

    name: str
    title: str
    ports: tuple[int, ...]
    clear: bool = True
    over_tls: str = ""  # the name of the same protocol inside TLS, where it has one


_TABLE = (
    Protocol("http", "HTTP", (80, 8080, 8000), over_tls="https"),
    Protocol("https", "HTTPS", (443, 8443), clear=False),
    Protocol("ws", "WebSocket", (80,), over_tls="wss"),
    Protocol("wss", "WebSocket over TLS", (443,), clear=False),
    Protocol("fastcgi", "FastCGI", (9000,)),
    Protocol("file", "Files", (), clear=False),
    Protocol("nfs", "NFS", (2049,)),
    Protocol("dns", "DNS", (53,), clear=False),
    Protocol("tcp", "TCP", ()),
    Protocol("udp", "UDP", ()),
    Protocol("mysql", "MySQL", (3306,)),
    Protocol("postgres", "PostgreSQL", (5432,)),
    Protocol("redis", "Redis", (6379,)),
    Protocol("memcached", "memcached", (11211,)),
    Protocol("amqp", "AMQP", (5672, 5671)),
    Protocol("s3", "S3", (443, 9000), clear=False),
    Protocol("ssh", "SSH", (22,), clear=False),
    Protocol("telnet", "Telnet", (23,)),
    Protocol("ftp", "FTP", (21,), over_tls="sftp"),
    Protocol("sftp", "SFTP", (22,), clear=False),
    Protocol("snmp", "SNMP", (161,), over_tls="snmpv3"),
    Protocol("snmpv3", "SNMPv3", (161,), clear=False),
    Protocol("syslog", "syslog", (514,), over_tls="syslog-tls"),
    Protocol("syslog-tls", "syslog over TLS", (6514,), clear=False),
    Protocol("smtp", "SMTP", (25, 587), over_tls="smtps"),
    Protocol("smtps", "SMTP over TLS", (465,), clear=False),
    Protocol("vrrp", "VRRP", (), clear=False),
)
PROTOCOLS: MappingProxyType[str, Protocol] = MappingProxyType({item.name: item for item in _TABLE})
