"""One planner for each kind: the match that the type checker keeps complete."""

from collections.abc import Mapping
from typing import assert_never

from app.model.compute import AppFiles, AppServer, WebServer, Worker
from app.model.compute import Service as AnyService
from app.model.containers import Cluster, Note, Server, Site, Zone
from app.model.kinds import AnyComponent
from app.model.stores import (
    Alerting,
    Backup,
    Cache,
    Database,
    LogStore,
    MonitoringAgent,
    MonitoringServer,
    ObjectStore,
    Queue,
    Search,
)
from app.model.traffic import Bastion, Cdn, Client, Dns, Firewall, LoadBalancer, ReverseProxy
from exporters.plan import (
    applications,
    backups,
    caches,
    data_balancers,
    databases,
    logs,
    monitoring,
    object_stores,
    own_programs,
    poolers,
    queues,
    simple,
    traffic,
    varnish,
)
from exporters.plan.draft import Context, Part
from exporters.plan.reaches import balances_data
from exporters.plan.stores import Store
from exporters.plan.unrealised import NO_SERVICE


def plan_part(  # noqa: C901, PLR0912  # one case for each kind, and nothing in it
    context: Context, component_id: str, item: AnyComponent, stores: Mapping[str, Store]
) -> Part:
    """Return what one drawn part adds to the deployment.

    Raises:
        ExportError: the part asks for what no program can do.
    """
    match item:
        case Client() | Dns() | Site() | Zone() | Server() | Note():
            return Part()  # nothing of it runs; what the reader must know is in the remarks
        case Firewall() | MonitoringServer():
            return Part()  # planned last, when it is known what is behind it or to be watched
        case LoadBalancer():
            if component_id in stores and poolers.is_pooler(item):
                return poolers.plan(context, component_id, item, stores[component_id])
            if component_id in stores:
                return data_balancers.plan(context, component_id, item, stores[component_id])
            if balances_data(context.design, component_id):
                return data_balancers.left_out(component_id, item)
            return traffic.balancer(context, component_id, item)
        case Cdn():
            return varnish.cdn(context, component_id, item)
        case ReverseProxy() | WebServer():
            return traffic.web(context, component_id, item)
        case AppServer() | Worker() if item.brings_its_own:
            return own_programs.own_program(context, component_id, item, stores)
        case AppServer():
            return applications.application(context, component_id, item, stores)
        case AppFiles():
            return applications.code(context, component_id, item)
        case Database():
            return databases.database(context, component_id, item, stores[component_id])
        case Cache():
            return caches.cache(context, component_id, item)
        case Queue():
            return queues.queue(context, component_id, item)
        case AnyService():
            return simple.any_service(context, component_id, item)
        case MonitoringAgent():
            return monitoring.agent(context, component_id, item)
        case Alerting():
            return monitoring.alerting(context, component_id, item)
        case Cluster():
            return traffic.edge(context, component_id, item)
        case Worker():
            return applications.worker(context, component_id, item, stores)
        case Backup():
            return backups.backup(context, component_id, item, stores)
        case LogStore():
            return logs.store(context, component_id, item)
        case ObjectStore():
            return object_stores.object_store(context, component_id, item)
        case Bastion() | Search():
            return simple.left_out(component_id, item.name, NO_SERVICE[item.kind])
        case _:
            assert_never(item)
