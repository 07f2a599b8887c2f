from products.channels.models import Channel


def choices() -> list[tuple[int, str]]:
    """Return the channels a role can be limited to."""
    return list(Channel.objects.for_list().values_list("pk", "title"))


CHANNELS = [choices]
