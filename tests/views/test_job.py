"""What a job tells of the computation that it waits for."""

from landscapes.views.worker.computation import Computation, State
from landscapes.views.worker.job import Job


class FakeService:
    """Every job is third, and leaves at once."""

    def position(self, job):
        return 3

    def leave(self, job):
        job._left = State("cancelled", partial=job.partial)
        return False


def test_a_job_has_the_state_of_its_computation_until_it_leaves():
    computation = Computation("key", None)
    job, other = (Job(name, "key", "Evaluating", name, FakeService(), computation) for name in ("ada", "bob"))
    computation.report(0.5, "coarse", "level 1")
    assert (job.fraction, job.note, job.partial, job.version, job.active) == (0.5, "level 1", "coarse", 1, True)
    assert job.position == 3
    assert not job.wait(0.0)
    job.cancel()
    computation.end(State("done", 2, 1.0, result="fine"))
    assert (job.state.status, job.partial, job.result) == ("cancelled", "coarse", None)
    assert (other.state.status, other.result, other.error) == ("done", "fine", "")
    assert job.wait(0.0)
