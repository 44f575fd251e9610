"""What the table of images knows, put into the services that use them."""

from dataclasses import replace
from types import MappingProxyType

from exporters import images
from exporters.deployment import Service
from exporters.plan.own_programs import OWN_ROLES

_BY_TAG = MappingProxyType({image.tag: image for image in images.IMAGES})


def with_facts(service: Service) -> Service:
    """Return a service with the user, paths, capabilities, probe and limits of its image."""
    image = _BY_TAG.get(service.image)
    if image is None or service.one_shot or service.role in OWN_ROLES:
        return service  # what a user brings may do anything with an image that is known
    return replace(
        service,
        user=service.user or image.user,
        tmpfs=(*image.tmpfs, *service.tmpfs),
        capabilities=image.capabilities,
        probe=service.probe or image.probe,
        limits=image.limits,
        read_only=image.read_only,
        reasons={**image.reasons, **service.reasons},
    )
