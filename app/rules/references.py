"""Where the sources that rules name can be read.

A standard that is sold has no page of its own here; its name says enough to find it.
"""

import re
from collections.abc import Mapping

_AWS = "https://docs.aws.amazon.com/wellarchitected/latest"
_RELIABILITY = f"{_AWS}/reliability-pillar"
_POSTGRES = "https://www.postgresql.org/docs/current"
_HAPROXY = "https://docs.haproxy.org/3.2/configuration.html"
_OWASP = "https://owasp.org/Top10"
_RFC = re.compile(r"RFC (\d+)(?:\b.*? section ([\d.]*\d))?")
_CWE = re.compile(r"CWE-(\d+)")

# By the beginning of a reference; the rest of it says which part of the page is meant.
_PAGES: Mapping[str, str] = {
    "AWS Well-Architected, Reliability REL05-BP01":
        f"{_AWS}/framework/rel05-bp01.html",
    "AWS Well-Architected, Reliability REL05-BP05":
        f"{_AWS}/framework/rel05-bp05.html",
    "AWS Well-Architected, Cost Optimization: select the correct resource type":
        f"{_AWS}/cost-optimization-pillar/select-the-correct-resource-type-size-and-number.html",
    "AWS Well-Architected, Reliability REL06-BP01":
        f"{_RELIABILITY}/rel_monitor_aws_resources_monitor_resources.html",
    "AWS Well-Architected, Reliability REL06-BP03":
        f"{_RELIABILITY}/rel_monitor_aws_resources_notification_monitor.html",
    "AWS Well-Architected, Reliability REL11-BP01":
        f"{_RELIABILITY}/rel_withstand_component_failures_monitoring_health.html",
    "AWS Well-Architected, Reliability: deploy changes with automation":
        f"{_RELIABILITY}/rel_tracking_change_management_automated_changemgmt.html",
    "AWS Well-Architected, Reliability: deploy the workload to multiple locations":
        f"{_RELIABILITY}/rel_fault_isolation_multiaz_region_system.html",
    "AWS Well-Architected, Reliability: fail over to healthy resources":
        f"{_RELIABILITY}/rel_withstand_component_failures_failover2good.html",
    "AWS Well-Architected, Reliability: identify and back up all data":
        f"{_RELIABILITY}/rel_backing_up_data_identified_backups_data.html",
    "AWS Well-Architected, Reliability: implement loosely coupled dependencies":
        f"{_RELIABILITY}/rel_prevent_interaction_failure_loosely_coupled_system.html",
    "AWS Well-Architected, Reliability: provision redundant connectivity":
        f"{_RELIABILITY}/rel_planning_network_topology_ha_conn_private_networks.html",
    "AWS Well-Architected, Reliability: use highly available network connectivity":
        f"{_RELIABILITY}/rel_planning_network_topology_ha_conn_users.html",
    "AWS Well-Architected, Reliability: use static stability":
        f"{_RELIABILITY}/rel_withstand_component_failures_static_stability.html",
    "AWS Well-Architected, Security SEC02-BP01":
        f"{_AWS}/security-pillar/sec_identities_enforce_mechanisms.html",
    "AWS Well-Architected, Security SEC05-BP01":
        f"{_AWS}/security-pillar/sec_network_protection_create_layers.html",
    "Azure Architecture Center: N-tier architecture style":
        "https://learn.microsoft.com/en-us/azure/architecture/guide/architecture-styles/n-tier",
    "Azure Proactive Resiliency Library":
        "https://azure.github.io/Azure-Proactive-Resiliency-Library-v2/azure-waf/reliability",
    "Azure Well-Architected, Reliability: identify and rate user and system flows":
        "https://learn.microsoft.com/en-us/azure/well-architected/reliability/identify-flows",
    "Amazon RDS User Guide: Monitoring MariaDB read replicas":
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/"
        "USER_MariaDB.Replication.ReadReplicas.Monitor.html",
    "CIS Critical Security Controls v8": "https://www.cisecurity.org/controls/v8",
    "DigiCert: TLS certificate lifetimes":
        "https://www.digicert.com/blog/"
        "tls-certificate-lifetimes-will-officially-reduce-to-47-days",
    "Docker documentation: Building best practices":
        "https://docs.docker.com/build/building/best-practices/",
    "Docker documentation: Resource constraints":
        "https://docs.docker.com/engine/containers/resource_constraints/",
    "Docker documentation: Start containers automatically":
        "https://docs.docker.com/engine/containers/start-containers-automatically/",
    "HAProxy Configuration Manual": _HAPROXY,
    "IANA Service Name and Transport Protocol Port Number Registry":
        "https://www.iana.org/assignments/service-names-port-numbers",
    "ISO 31000:2018": "https://www.iso.org/standard/65694.html",
    "Kubernetes documentation: Affinity and anti-affinity":
        "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/",
    "Kubernetes documentation: Performing a Rolling Update":
        "https://kubernetes.io/docs/tutorials/kubernetes-basics/update/update-intro/",
    "MariaDB documentation: Read-Only Replicas":
        "https://mariadb.com/docs/server/ha-and-performance/standard-replication/"
        "read-only-replicas",
    "NIST SP 800-190": "https://csrc.nist.gov/publications/detail/sp/800-190/final",
    "NIST SP 800-41 Rev. 1": "https://csrc.nist.gov/pubs/sp/800/41/r1/final",
    "OWASP ASVS 5.0, 12.3":
        "https://github.com/OWASP/ASVS/blob/v5.0.0/5.0/en/0x21-V12-Secure-Communication.md",
    "OWASP Top 10:2021, A02": f"{_OWASP}/A02_2021-Cryptographic_Failures/",
    "OWASP Docker Security Cheat Sheet":
        "https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html",
    "OWASP Top 10:2021, A06": f"{_OWASP}/A06_2021-Vulnerable_and_Outdated_Components/",
    "OWASP Top 10:2021, A09": f"{_OWASP}/A09_2021-Security_Logging_and_Monitoring_Failures/",
    "Ongaro and Ousterhout": "https://raft.github.io/raft.pdf",
    "PTC Windchill Risk and Reliability, Practitioners Guide: Beta Factor Model":
        "https://support.ptc.com/help/wrr/r12.0.2.0/en/wrr/PractitionersGuide/BetaFactorModel.html",
    "PTC Windchill Risk and Reliability, Practitioners Guide: Importance Measure Usage":
        "https://support.ptc.com/help/wrr/r12.0.0.0/en/wrr/PractitionersGuide/"
        "ImportanceMeasureUsage.html",
    "PostgreSQL documentation: Failover": f"{_POSTGRES}/warm-standby-failover.html",
    "PostgreSQL documentation: High Availability": f"{_POSTGRES}/high-availability.html",
    "PostgreSQL documentation: Hot Standby": f"{_POSTGRES}/hot-standby.html",
    "PostgreSQL documentation: Log-Shipping": f"{_POSTGRES}/warm-standby.html",
    "Prometheus documentation: Alerting": "https://prometheus.io/docs/practices/alerting/",
    "Site Reliability Engineering, chapter 6":
        "https://sre.google/sre-book/monitoring-distributed-systems/",
    "Site Reliability Engineering, chapter 22":
        "https://sre.google/sre-book/addressing-cascading-failures/",
    "The Site Reliability Workbook, chapter 2": "https://sre.google/workbook/implementing-slos/",
    "The Twelve-Factor App, VI": "https://12factor.net/processes",
    "Threagile": "https://github.com/Threagile/threagile",
    "bind(2)": "https://man7.org/linux/man-pages/man2/bind.2.html",
    "corosync-qdevice(8)": "https://manpages.ubuntu.com/manpages/lunar/man8/corosync-qdevice.8.html",
    "endoflife.date": "https://endoflife.date/",
    "etcd documentation: Frequently Asked Questions": "https://etcd.io/docs/v3.5/faq/",
}  # fmt: skip


def page_of(reference: str) -> str:
    """Return the address of the page that a reference names; empty where there is none."""
    rfc, cwe = _RFC.match(reference), _CWE.match(reference)
    if rfc:
        part = f"#section-{rfc[2]}" if rfc[2] else ""
        return f"https://www.rfc-editor.org/rfc/rfc{rfc[1]}.html{part}"
    if cwe:
        return f"https://cwe.mitre.org/data/definitions/{cwe[1]}.html"
    return next((page for start, page in _PAGES.items() if reference.startswith(start)), "")
