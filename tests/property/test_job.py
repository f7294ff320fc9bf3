from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.measurement.plan import Plan
from pytest_energy.results.input_plan import Fill, FreeSize, InputPlan, PlannedInput, StatePair
from pytest_energy.runtime.job import Job, Subject, job_from_line, job_to_line

PLANS = st.builds(
    Plan,
    time_s=st.floats(min_value=0, max_value=1e6),
    least_rounds=st.integers(min_value=1, max_value=100),
)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
FILLS = st.builds(
    Fill,
    kind=st.sampled_from(["normal", "integers", "values", "absent"]),
    low=st.none() | FINITE,
    high=st.none() | FINITE,
    high_of=st.none() | st.text(),
    values=st.lists(FINITE | st.text() | st.booleans()).map(tuple),
    sure=st.booleans(),
)
INPUTS = st.builds(
    PlannedInput,
    name=st.text(),
    type=st.text(),
    shape=st.lists(st.integers(min_value=0) | st.text()).map(tuple),
    fill=FILLS,
)
SIZES = st.builds(FreeSize, key=st.text(), candidates=st.lists(st.integers(), min_size=1).map(tuple))
INPUT_PLANS = st.builds(
    InputPlan,
    batch=st.integers(min_value=1),
    inputs=st.lists(INPUTS, max_size=3).map(tuple),
    sizes=st.lists(SIZES, max_size=3).map(tuple),
    states=st.lists(st.builds(StatePair, input=st.text(), output=st.text()), max_size=2).map(tuple),
)
SUBJECTS = st.builds(
    Subject,
    model=st.text(),
    provider=st.text(),
    batch=st.integers(min_value=1),
    threads=st.integers(min_value=1),
    inputs=st.none() | INPUT_PLANS,
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
