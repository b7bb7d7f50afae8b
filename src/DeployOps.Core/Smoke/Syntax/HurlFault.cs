namespace DeployOps.Smoke.Syntax;

/// <summary>A mistake on its way to the parser, which collects it and goes on with the next line.</summary>
internal sealed class HurlFault(SourcePosition position, string message) : Exception(message)
{
    /// <summary>Where it is.</summary>
    public SourcePosition Position { get; } = position;

    /// <summary>A thing of the Hurl format that the subset leaves out.</summary>
    public static HurlFault NotSupported(SourcePosition position, string what) => new(position, $"not supported by DeployOps: {what}");
}
