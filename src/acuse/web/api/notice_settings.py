"""`/v1/notices/settings`: where reports about notices go in the words of the dialect `mensatek`."""

from enum import StrEnum

from acuse.services.report_settings import ReportSettings, change_report_settings, report_settings
from acuse.web.api.calls import Call, json_reply
from acuse.web.asgi import Reply
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.json_body import parse_object, read_json

LONGEST_URL = 2048


class ReportFormat(StrEnum):
    """How a report is posted."""

    JSON = "json"
    FORM = "form"


async def show_settings(call: Call) -> Reply:
    """What holds now; the password is not shown."""
    found = await call.lanes.run(lambda: report_settings(call.ports, call.caller.space))
    return json_reply(200, {"data": settings_object(found)})


async def put_settings(call: Call) -> Reply:
    """Set all of it; without `report_url` reports go nowhere."""
    fields = FieldReader(parse_object(await read_json(call)))
    url = fields.text("report_url", longest=LONGEST_URL)
    form = fields.choice("report_format", ReportFormat)
    user, password = fields.text("report_user"), fields.text("report_password")
    fields.finish()
    wanted = (
        None
        if url is None
        else ReportSettings(url=url, is_form=form is ReportFormat.FORM, user=user, password=password)
    )

    def work() -> ReportSettings | None:
        change_report_settings(
            call.ports,
            wanted,
            space=call.caller.space,
            url_is_vouched=False,
            allows_private=call.options.allow_private_networks,
        )
        return report_settings(call.ports, call.caller.space)

    changed = await call.lanes.run(work)
    return json_reply(200, {"message": "Settings updated successfully", "data": settings_object(changed)})


def settings_object(settings: ReportSettings | None) -> dict[str, object]:
    """The settings, without the password."""
    if settings is None:
        return {"report_url": None, "report_format": None, "report_user": None}
    form = ReportFormat.FORM if settings.is_form else ReportFormat.JSON
    return {"report_url": settings.url, "report_format": form.value, "report_user": settings.user}
