from pytest_energy.measurement.plan import Plan
from pytest_energy.runtime.job import Job, Subject, job_from_line, job_to_line


def test_a_job_is_one_line():
    line = job_to_line(Job(subjects=(Subject(model="a\nb.onnx", provider="cpu", batch=1, threads=1),)))
    assert line.endswith("\n")
    assert line.count("\n") == 1


def test_a_job_without_a_plan_comes_back_without_one():
    job = Job(subjects=(Subject(model="m.onnx", provider="cpu", batch=1, threads=1),), plan=None)
    assert job_from_line(job_to_line(job)) == job


def test_a_plan_comes_back():
    job = Job(
        subjects=(Subject(model="m.onnx", provider="cpu", batch=8, threads=2),),
        plan=Plan(time_s=1.5),
        outputs=True,
    )
    assert job_from_line(job_to_line(job)) == job
