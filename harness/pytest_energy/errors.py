"""Everything that can go wrong, as one tree.

::

    HarnessError                   the user can put it right; says what, where, and what to do next
      UsageError                   exit code 4 of pytest, 2 of the command line
        SettingsError              a flag or a key of [tool.pytest-energy]
        SuiteError                 a *.energy.toml file; found while collecting, exit code 2
        RevisionError              a git revision, or what should be taken from it
      WorkloadError                the item fails
        ModelError                 the model cannot be read or loaded
        InputsError                no feed was found that the model accepts
        NoGradient                 operators of the model have no gradient rule
        Diverged                   a run of training lost its way: its loss is no number any more
        TargetMissed               a run of training came to its end before its target
      ProviderError
        ProviderUnavailable        this environment cannot run it; skipped, fails under --energy-strict
        PlacementError             nodes did not run where they were asked to
        AgreementError             what was computed is not what the CPU provider computes
        ProviderOptionError        an option that the provider or the session refuses
      ProfileError                 an unknown or faulty power profile
      CarbonError                  an unknown region or a carbon intensity out of range
      LiveError                    a service did not say what the grid emits now; a yearly figure stands in
      MeasurementError
        MeterUnavailable           there is no such energy counter, or it vanished; the figure is modelled
        MeterDenied                the counter is there, but this user may not read it; likewise
        WorkerDied                 a worker process crashed, hung or was killed; the rest go on
      BaselineError                the item fails, in every environment
        SchemaError                a newer schema, a damaged file, or one edited by hand
      HistoryError                 the history cannot be read, written or used
    Regression(AssertionError)     not an error: the answer that was asked for
"""


class HarnessError(Exception):
    """A fault that the user can put right. The message says what, where, and what to do next."""


class UsageError(HarnessError):
    """The command line or a file of settings asks for something that cannot be done."""


class SettingsError(UsageError):
    """A flag, or a key of ``[tool.pytest-energy]``, has a value that cannot be used."""


class SuiteError(UsageError):
    """A ``*.energy.toml`` file has a wrong key, type or path."""


class RevisionError(UsageError):
    """A git revision is unknown, or what should be taken from it cannot be read."""


class WorkloadError(HarnessError):
    """What should be run cannot be run."""


class ModelError(WorkloadError):
    """The model is missing, damaged, or not loadable by this ONNX Runtime."""


class InputsError(WorkloadError):
    """No feed was found that the model accepts."""


class NoGradient(WorkloadError):
    """Operators of the model have no gradient rule."""


class Diverged(WorkloadError):
    """The loss of a whole run of training became infinite, or no number."""


class TargetMissed(WorkloadError):
    """A whole run of training came to its end without having reached its target."""


class ProviderError(HarnessError):
    """An execution provider did not do what was asked of it."""


class ProviderUnavailable(ProviderError):
    """The execution provider is unknown to, or missing from, this environment."""


class PlacementError(ProviderError):
    """Nodes did not run on the execution provider that was asked for."""


class AgreementError(ProviderError):
    """What a provider computed is not what the CPU provider computes of the same feeds."""


class ProviderOptionError(ProviderError):
    """An execution provider, or the session, refuses an option."""


class ProfileError(UsageError):
    """A power profile is unknown or faulty."""


class CarbonError(UsageError):
    """A region is unknown or a carbon intensity is out of range."""


class LiveError(HarnessError):
    """A live service did not tell the carbon intensity of now, or not one that can be true."""


class MeasurementError(HarnessError):
    """The measurement itself failed."""


class MeterUnavailable(MeasurementError):
    """An energy counter is not there, or it vanished while it was read."""


class MeterDenied(MeasurementError):
    """An energy counter is there, but this user may not read it."""


class WorkerDied(MeasurementError):
    """A worker process crashed, hung, or was killed."""


class BaselineError(HarnessError):
    """A baseline cannot be read, written or used."""


class SchemaError(BaselineError):
    """A baseline file has a newer schema, is damaged, or was edited by hand."""


class HistoryError(HarnessError):
    """The history cannot be read, written or used."""


class Regression(AssertionError):
    """A benchmark has a verdict that fails the build."""
