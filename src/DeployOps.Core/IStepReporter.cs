namespace DeployOps;

/// <summary>What the domain tells and asks while it works. The cmdlets show it; tests record it.</summary>
public interface IStepReporter
{
    /// <summary>Says what goes on now. Cheap: called as often as it is true, shown at most four times a second.</summary>
    /// <param name="activity">The phase, in a few words.</param>
    /// <param name="status">What is being done or waited for, with its numbers.</param>
    /// <param name="percent">0 to 100, or null where the end is not known.</param>
    void Progress(string activity, string status, int? percent = null);

    /// <summary>Says something that needs attention but stops nothing.</summary>
    void Warn(string message);

    /// <summary>Asks a person, who has to type a yes: Enter alone is a no. Null where nobody can answer.</summary>
    Task<bool?> AskAsync(string question, CancellationToken cancellationToken);

    /// <summary>Asks a person whether to do what is the safe way, so that Enter alone is a yes. Null where nobody can answer.</summary>
    Task<bool?> ProposeAsync(string question, CancellationToken cancellationToken);

    /// <summary>Asks a person for a word. Null where nobody can answer.</summary>
    Task<string?> AskTextAsync(string question, CancellationToken cancellationToken);
}
