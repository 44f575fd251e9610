"""Object stores: SeaweedFS, all of it in one container, of which only the S3 gateway is open.

Facts: `weed server -h` and `weed scaffold -config=security` of 4.48, and the image's entrypoint,
which adds `-dir=/data`, preallocates 1 GiB for each volume, and changes user only where it starts
as root.
"""

from collections.abc import Iterator

from app.model.stores import ObjectStore
from exporters import images
from exporters.deployment import Bind, Mount, Note, Probe, Secret, Service, Volume
from exporters.plan.draft import Context, Part
from exporters.plan.stores import CERTIFICATES, certificate, secret_file
from exporters.programs import BUCKET

PORT, METRICS_PORT = 8333, 9327
USER = "app"
ROLES = ("request", "read", "write")
# Where it looks for the key without which whoever reaches 18333, which S3 opens as well, may add
# users to it: the service is there for other servers of SeaweedFS.
_SECURITY = "/etc/seaweedfs/security.toml"
_MASTER, _VOLUMES = "127.0.0.1:9333", "127.0.0.1:8080"
_ARGUMENTS = (
    "server",
    # Its parts trust whoever asks them, so they are asked from inside alone; and as their address
    # is always the same, a new container knows itself again.
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    "-s3",
    "-s3.ip.bind=0.0.0.0",
    "-s3.iam=false",
    "-s3.autoCreateBucket=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    f"-metricsPort={METRICS_PORT}",
    "-metricsIp=0.0.0.0",
    "-master.telemetry=false",
    # There is nobody to vote with: with the default it waits ten seconds more after a crash.
    "-master.electionTimeout=1s",
    # A bucket begins with seven volumes; what is preallocated for them is gone from the disk.
    "-master.volumePreallocate=false",
    "-master.volumeSizeLimitMB=128",
    "-volume.preStopSeconds=1",
)


def password(name: str) -> str:
    """Return the name of the secret that lets applications into a store."""
    return f"{name}-password"


def over_tls(context: Context, component_id: str) -> bool:
    """Whether a store is asked over TLS: by all, as soon as one link is drawn so."""
    return any(r.link.encrypted for r in context.into(component_id) if r.role in ROLES)


def object_store(context: Context, component_id: str, item: ObjectStore) -> Part:
    """Plan an object store."""
    name, image = context.name(component_id), images.SEAWEEDFS
    tls = over_tls(context, component_id)
    accounts, signing, security = (f"{name}-{what}" for what in ("accounts", "signing", "security"))
    service = Service(
        name=name,
        title=item.name,
        role="object-store",
        component=component_id,
        image=image.tag,
        command=(
            *_ARGUMENTS,
            f"-s3.config={secret_file(accounts)}",
            *((f"-s3.cert.file={CERTIFICATES}/tls.crt",) if tls else ()),
            *((f"-s3.key.file={CERTIFICATES}/tls.key",) if tls else ()),
        ),
        binds=(Bind(source=f"secrets/{security}", target=_SECURITY),),
        mounts=(Mount(volume=f"{name}-data", target=image.data),),
        secrets=(accounts,),
        probe=_probe("https" if tls else "http"),
        # Its filer waits 15 seconds for those who listen to it; once in the tests 30 were too few.
        stop_seconds=45,
    )
    return Part(
        services=(service,),
        volumes=(Volume(name=f"{name}-data"),),
        secrets=(
            Secret(name=password(name)),
            Secret(name=accounts, text=_accounts(password(name)), sources=(password(name),)),
            Secret(name=signing),
            Secret(
                name=security,
                text=f'[jwt.filer_signing]\nkey = "{{{signing}}}"\n',
                sources=(signing,),
            ),
        ),
        certificates=(certificate(name, image),) if tls else (),
        notes=tuple(_notes(context, component_id, item)),
    )


def _probe(scheme: str) -> Probe:
    """Return the probe: S3 answers, and there is where to write, which is so a little later."""
    insecure = "--no-check-certificate " if scheme == "https" else ""
    answers = f"wget -q {insecure}-O /dev/null {scheme}://127.0.0.1:{PORT}/healthz"
    writable = f"wget -q -O - http://{_MASTER}/dir/status | grep -q {_VOLUMES}"
    return Probe(command=("sh", "-c", f"{answers} && {writable}"), start_period=60)


def _accounts(secret: str) -> str:
    """Return who may do what, in which the password is still to be filled in: all in one bucket."""
    credentials = f'{{{{"accessKey": "{USER}", "secretKey": "{{{secret}}}"}}}}'
    account = f'"name": "{USER}", "credentials": [{credentials}], "actions": ["Admin:{BUCKET}"]'
    return f'{{{{"identities": [{{{{{account}}}}}]}}}}\n'


def _notes(context: Context, component_id: str, item: ObjectStore) -> Iterator[Note]:
    name, drawn = context.name(component_id), ""
    if item.copies > 1:
        drawn = (
            f", not the {item.copies} that are drawn: more of them would lie on the same disk, and "
            "be lost with it"
        )
    yield Note(
        components=(component_id,),
        text=f"{item.name} is SeaweedFS in one container, asked by S3: it keeps one copy of each "
        f"object, in the volume {name}-data{drawn}.",
    )
    cluster = context.design.cluster(component_id)
    if cluster is not None:
        yield Note(
            components=(component_id,),
            text=f"{cluster.name}: {cluster.mode} is not exported for storage; {item.name} keeps "
            "its objects itself, and the application takes one store that answers.",
        )
