"""CI services: by which environment variable each shows itself."""

from collections.abc import Mapping

# Naming the service helps a reader even where no profile fits. A variable is set by that service alone.
_SERVICES = {
    "GITHUB_ACTIONS": "GitHub Actions",
    "GITLAB_CI": "GitLab CI",
    "CIRCLECI": "CircleCI",
    "TF_BUILD": "Azure Pipelines",
    "BITBUCKET_BUILD_NUMBER": "Bitbucket Pipelines",
    "CODEBUILD_BUILD_ID": "AWS CodeBuild",
    "BUILDKITE": "Buildkite",
    "TRAVIS": "Travis CI",
    "JENKINS_URL": "Jenkins",
    "TEAMCITY_VERSION": "TeamCity",
    "DRONE": "Drone",
    "SEMAPHORE": "Semaphore",
    "APPVEYOR": "AppVeyor",
    "CIRRUS_CI": "Cirrus CI",
    "WOODPECKER": "Woodpecker",
}


def ci_service(variables: Mapping[str, str]) -> str | None:
    """Return the name of the CI service that runs this; None where none shows itself."""
    return next((name for variable, name in _SERVICES.items() if variables.get(variable)), None)
