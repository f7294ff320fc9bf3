import numpy as np

from pytest_energy.measurement.reference import SIZE, one_blas_thread, reference_identity, reference_step


def test_the_reference_is_the_same_work_every_time():
    first, second = reference_step()(), reference_step()()
    assert first.shape == (SIZE, SIZE)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, second)


def test_the_reference_is_named_with_the_library_that_does_it(monkeypatch):
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    plain = reference_identity()
    assert plain.startswith(f"sgemm-{SIZE} ")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    assert reference_identity() == f"{plain} Haswell"


def test_a_worker_is_held_to_one_blas_thread():
    assert one_blas_thread()["OPENBLAS_NUM_THREADS"] == "1"
