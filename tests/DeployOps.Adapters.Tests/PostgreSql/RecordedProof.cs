using DeployOps.Backups;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>Remembers what it is told of a proof.</summary>
internal sealed class RecordedProof : IProofObserver
{
    private readonly Lock gate = new();
    private readonly List<string> told = [];

    internal ProofEvidence? Evidence { get; private set; }

    internal IReadOnlyList<string> WasLeft { get; private set; } = [];

    internal List<string> Secrets { get; } = [];

    internal IReadOnlyList<string> Told
    {
        get
        {
            lock (gate)
            {
                return [.. told];
            }
        }
    }

    /// <summary>Waits until something is told that holds a word.</summary>
    internal async Task UntilAsync(string word)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!Told.Any(line => line.Contains(word, StringComparison.Ordinal)))
        {
            await Task.Delay(20, limit.Token);
        }
    }

    public void Progress(string what)
    {
        lock (gate)
        {
            told.Add(what);
        }
    }

    public void Restored(ProofEvidence evidence) => Evidence = evidence;

    public void Left(string what) => WasLeft = [.. WasLeft, what];

    public void Hides(string secret) => Secrets.Add(secret);
}
