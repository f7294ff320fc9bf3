from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.measurement.plan import Plan
from pytest_energy.runtime.job import Job, Subject, job_from_line, job_to_line

PLANS = st.builds(
    Plan,
    time_s=st.floats(min_value=0, max_value=1e6),
    least_rounds=st.integers(min_value=1, max_value=100),
)
SUBJECTS = st.builds(
    Subject,
    model=st.text(),
    provider=st.text(),
    batch=st.integers(min_value=1),
    threads=st.integers(min_value=1),
)
JOBS = st.builds(
    Job,
    subjects=st.lists(SUBJECTS, min_size=1, max_size=2).map(tuple),
    seed=st.integers(),
    process=st.integers(min_value=0),
    plan=st.none() | PLANS,
    outputs=st.booleans(),
    stepwise=st.booleans(),
    profile=st.booleans(),
)


@given(JOBS)
def test_any_job_survives_its_line(job):
    line = job_to_line(job)
    assert line.isascii()
    assert line.count("\n") == 1
    assert job_from_line(line) == job
