using DeployOps.Phases;

namespace DeployOps.Windows;

/// <summary>Somebody asked the window to stop or to go back, and this run gives way.</summary>
internal sealed class SupersededException(StopRequest request) : DeployOpsException(
    "WindowSuperseded",
    FaultKind.Stopped,
    $"{request.By} asked the window to {(request.GoBack ? "go back" : "stop")}: {PhaseFailure.Sentence(request.Reason)} This run gave way and did nothing further.");
