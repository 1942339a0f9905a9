"""The job that hands notices to mail servers: a unit before, the dialogue, a unit after."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import Executor
from functools import partial

from acuse.delivery.embedded import Handler
from acuse.domain.access import Mode
from acuse.ports import Job, JobKind, Mailer, Ports
from acuse.services.begin_notice import begin_notice
from acuse.services.send_code import write_code
from acuse.services.settle_notice import settle_notice
from acuse.services.write_to_sender import settle_letter, write_to_sender


def notice_handlers(ports: Ports, mailers: Mapping[Mode, Mailer], threads: Executor) -> Mapping[JobKind, Handler]:
    """What the engine does with notices; each mode has a way of its own, so that nothing of test mode leaves."""

    async def deliver_notice(job: Job) -> Mapping[str, object]:
        loop = asyncio.get_running_loop()
        attempt = await loop.run_in_executor(threads, partial(begin_notice, ports, job.subject_id))
        if attempt is None:
            return {"outcome": "nothing to send"}
        answer = await mailers[attempt.notice.mode].send(attempt.envelope, attempt.message)
        await loop.run_in_executor(threads, partial(settle_notice, ports, attempt, answer))
        told = {"notice": attempt.notice.public_id, "attempt": attempt.notice.attempts, "said": answer.said.value}
        return {**told, "code": answer.code, "server": answer.server}

    async def validate_sender(job: Job) -> Mapping[str, object]:
        loop = asyncio.get_running_loop()
        letter = await loop.run_in_executor(threads, partial(write_to_sender, ports, job.subject_id))
        if letter is None:
            return {"outcome": "nothing to ask"}
        answer = await mailers[Mode.LIVE].send(letter.envelope, letter.message)
        await loop.run_in_executor(threads, partial(settle_letter, ports, letter, answer))
        return {"sender": letter.sender.public_id, "said": answer.said.value, "code": answer.code}

    async def send_code(job: Job) -> Mapping[str, object]:
        loop = asyncio.get_running_loop()
        letter = await loop.run_in_executor(threads, partial(write_code, ports, job.subject_id))
        if letter is None:
            return {"outcome": "no code to send"}
        answer = await mailers[letter.notice.mode].send(letter.envelope, letter.message)
        return {"notice": letter.notice.public_id, "said": answer.said.value, "code": answer.code}

    return {
        JobKind.DELIVER_NOTICE: deliver_notice,
        JobKind.VALIDATE_SENDER: validate_sender,
        JobKind.SEND_CODE: send_code,
    }
