"""What the input pipeline of a whole run of training takes of its time and energy."""

import statistics
from collections.abc import Sequence

from pytest_energy.results.energy import Pins
from pytest_energy.results.samples import ProcessEstimate, ProcessSamples
from pytest_energy.results.training import InputPipelineCost
from pytest_energy.statistics.fetch_share import fetch_cpu_share, fetch_duration_share
from pytest_energy.statistics.trimmed import typical


def input_pipeline_cost(
    samples: Sequence[ProcessSamples], processes: Sequence[ProcessEstimate], pins: Pins
) -> InputPipelineCost | None:
    """Return the cost of making batches; None where all were bound before.

    Its energy is to the run's as its time is: CPU time at the power of a busy core, and wall time at that of
    the device, which is waited for or waits itself.

    Args:
        samples: What the processes read.
        processes: What each came to, in the same order.
        pins: Give the powers of a busy core and of the device.
    """
    cpu = [share for each in samples if (share := fetch_cpu_share(each)) is not None]
    wall = [share for each in samples if (share := fetch_duration_share(each)) is not None]
    if not samples or len(cpu) < len(samples):
        return None
    cpu_share, duration_share = statistics.median(cpu), statistics.median(wall)
    core_j = typical([one.cpu_s for one in processes]) * pins.core_power_w
    device_j = typical([one.duration_s for one in processes]) * (pins.device_power_w or 0.0)
    return InputPipelineCost(
        cpu_s=tuple(share * one.cpu_s for share, one in zip(cpu, processes, strict=True)),
        duration_s=tuple(share * one.duration_s for share, one in zip(wall, processes, strict=True)),
        cpu_share=cpu_share,
        duration_share=duration_share,
        energy_j=cpu_share * core_j + duration_share * device_j,
    )
