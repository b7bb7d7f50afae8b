namespace DeployOps.Checks;

/// <summary>One check as a test report has it.</summary>
/// <param name="Suite">What it belongs to, such as <c>lint</c> or <c>validations of shop</c>.</param>
/// <param name="Group">Where it stands: the file.</param>
/// <param name="Name">What is checked.</param>
/// <param name="State">What it came to.</param>
public sealed record CheckCase(string Suite, string Group, string Name, CheckState State)
{
    /// <summary>What is to be said of it in a line; empty where it just holds.</summary>
    public string Message { get; init; } = "";

    /// <summary>All that is known of it, of several lines; empty where the message says everything.</summary>
    public string Details { get; init; } = "";

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }
}
