"""The CPU provider can be verified like any other, though nothing needs it."""


def test_every_source_agrees_on_the_cpu(verified, models):
    factors, placement = verified(models / "digits-transformer.onnx", "cpu")
    assert placement.time_share == 1
    assert placement.sources == ("assignment", "log", "profile")
    assert placement.disputed is None
    assert placement.fallback == factors.elsewhere == ()
