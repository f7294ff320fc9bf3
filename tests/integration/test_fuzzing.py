"""A slice of the fuzzing: whatever a model is, pytest's process neither crashes nor hangs."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks/fuzz_models.py"


@pytest.fixture
def fuzz_models(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPT.parent)
    spec = importlib.util.spec_from_file_location("fuzz_models", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def seeds_of(fuzz_models):
    return fuzz_models.model_mutations.seeds()


def test_the_seeds_run(fuzz_models, tmp_path):
    fuzzer = fuzz_models.Fuzzer(tmp_path)
    known = seeds_of(fuzz_models)
    for seed in known:
        fuzzer.try_model("nothing", seed.SerializeToString())
    fuzzer.close()
    assert fuzzer.faults == []
    assert fuzzer.outcomes == {"ran (graph read)": len(known)}


def test_mutants_crash_or_hang_nothing_but_their_children(fuzz_models):
    fuzzer = fuzz_models.fuzz(count=100, seed=1)
    assert fuzzer.faults == []
    assert sum(fuzzer.outcomes.values()) == 100


def test_the_same_seed_gives_the_same_models(fuzz_models):
    def first(seed):
        stream = fuzz_models.model_mutations.mutants(fuzz_models.random.Random(seed))
        return [next(stream) for _ in range(50)]

    assert first(3) == first(3)
    assert first(3) != first(4)
