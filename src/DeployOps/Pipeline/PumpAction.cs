namespace DeployOps.Pipeline;

/// <summary>Something to be done on the pipeline's thread.</summary>
/// <param name="Do">Does it.</param>
/// <param name="Abandon">Tells whoever waits that it will not be done.</param>
internal sealed record PumpAction(Action Do, Action Abandon);
