from typing import Any

from rest_framework.serializers import ModelSerializer

from shopops.access import fields


class ClassedSerializer(ModelSerializer):  # type: ignore[type-arg]  # takes none at run time
    """A serializer that shows fields of a class as pages do: masked, or null, unless permitted."""

    def to_representation(self, instance: Any) -> Any:  # noqa: ANN401 - the record's own type
        answer = super().to_representation(instance)
        user = self.context["request"].user
        for name, field in self.fields.items():
            path = field.source or name
            if name in answer and fields.classed(type(instance), path) is not None:
                shown = fields.shown(user, instance, path)
                raw = fields.value_at(instance, path)
                answer[name] = answer[name] if shown is raw else shown
        return answer
