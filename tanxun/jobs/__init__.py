"""Work that takes longer than a request: with progress, cancelling, and exactly one effect whatever dies in between.

A kind of work is a function of a module, with `@work`; who starts it gives its arguments, and they are its identity:

    from tanxun.jobs.attempt import Attempt, JobError
    from tanxun.jobs.queue import start, work

    @work
    def count_sheep(job: Attempt, meadow: int) -> dict[str, Any]:
        user = job.require("farm.count_sheep")            # they may have lost the right while the job waited
        sheep = Sheep.objects.filter(meadow=meadow)
        total = sheep.count()
        if not total:
            raise JobError(_("The meadow is empty: choose another one."))   # ends the job; words for the person
        for number, one in enumerate(sheep, 1):
            look_at(one)
            job.progress(number, total, _("Looking at sheep"))  # as often as you like; raises where the job must stop
        with job.effect():                                 # one transaction: what it writes and “done” stand together
            job.result |= {"words": _("%(count)s sheep.") % {"count": total}, "url": …, "label": _("Download")}

    job = start(count_sheep, request.user, _("Count the sheep of the hill"), {"meadow": 5}, place="/meadows/5/")

* The same person, kind and arguments while the job waits or runs: the same job, however often they click.
* A worker holds a job by a lease, which a thread renews with the progress. A job whose worker is silent goes back into the
  queue, three times at most, and runs again **from the beginning**: before `effect()`, write only what may be written twice
  (files under `job.token` in their name, rows of a staging table that you empty first).
* `step()` is `effect()` without the end, for work whose every part stands by itself; `job.result` is kept with the step, and
  the next attempt finds it. Neither commits once another worker has the job, or once it is cancelled.
* No `effect()`: a dict that the function returns is the result, and the job is done. `words`, `url` and `label` of the result
  are shown to the person; the rest is yours.
* `check()` and `progress()` raise `Interrupted`: cancelled, lease lost, or the worker is told to end. Let it through.
* Words of the work are in the language of the person; a file that speaks the site's must switch to it.
* `/jobs/` shows a person theirs; `{% include "jobs/_hint.html" %}` with `Job.objects.latest_of(user, work, arguments)` stands
  where the work was started. A result is shown for `KEPT`; what else it left (a file) its owner removes, by a task that is
  enqueued with `run_after`.
"""
