namespace DeployOps.Core.Tests.Support;

/// <summary>Answers every question the same way and keeps what it was told.</summary>
internal sealed class ScriptedReporter(bool? answer = null) : IStepReporter
{
    public List<string> Questions { get; } = [];

    /// <summary>Those of them to which Enter alone is a yes.</summary>
    public List<string> Proposals { get; } = [];

    public List<string> Warnings { get; } = [];

    /// <summary>What was said to go on.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Told { get; } = [];

    /// <summary>Done each time it is told what goes on.</summary>
    public Action OnProgress { get; init; } = () => { };

    /// <summary>Done while a question is on the screen.</summary>
    public Func<CancellationToken, Task> WhileAsked { get; init; } = _ => Task.CompletedTask;

    public void Progress(string activity, string status, int? percent = null)
    {
        Told.Enqueue(status);
        OnProgress();
    }

    public void Warn(string message) => Warnings.Add(message);

    public async Task<bool?> AskAsync(string question, CancellationToken cancellationToken)
    {
        Questions.Add(question);
        await WhileAsked(cancellationToken);
        return answer;
    }

    public Task<bool?> ProposeAsync(string question, CancellationToken cancellationToken)
    {
        Proposals.Add(question);
        return AskAsync(question, cancellationToken);
    }

    public Task<string?> AskTextAsync(string question, CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}
