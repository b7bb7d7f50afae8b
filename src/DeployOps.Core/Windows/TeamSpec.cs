namespace DeployOps.Windows;

/// <summary>The roles as the plan gives them. Who starts the window is the Executor; who approved the plan is the Lead.</summary>
public sealed record TeamSpec
{
    /// <summary>The identity that must have approved, or null where any approval counts.</summary>
    public string? Lead { get; init; }

    /// <summary>The identity that must start the window, or null where anybody may.</summary>
    public string? Executor { get; init; }

    /// <summary>Who watches the numbers.</summary>
    public string? Monitor { get; init; }

    /// <summary>Who speaks to the stakeholders.</summary>
    public string? Communicator { get; init; }
}
