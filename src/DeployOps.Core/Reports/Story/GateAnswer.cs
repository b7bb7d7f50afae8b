using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Reports.Story;

/// <summary>A gate's answer as it was journaled.</summary>
/// <param name="At">When.</param>
/// <param name="Phase">In which phase.</param>
/// <param name="Result">The answer.</param>
internal sealed record GateAnswer(DateTimeOffset At, DeploymentPhase? Phase, GateResult Result);
