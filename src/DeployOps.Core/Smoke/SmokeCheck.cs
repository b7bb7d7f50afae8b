using System.Text.Json.Serialization;

namespace DeployOps.Smoke;

/// <summary>The result of one smoke file.</summary>
/// <param name="Name">The file's name without its extension.</param>
/// <param name="Path">The file.</param>
/// <param name="Outcome">How it ended; its last attempt decides.</param>
public sealed record SmokeCheck(string Name, string Path, SmokeOutcome Outcome)
{
    /// <summary>The line of the first thing that failed in the last attempt; 0 where nothing did.</summary>
    public int Line { get; init; }

    /// <summary>What failed, with what came and what was expected; for a planned check, what it would send.</summary>
    public string Message { get; init; } = "";

    /// <summary>The time of all attempts.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The requests sent in all attempts, retries and redirects counted; for a planned check, the requests of the file.</summary>
    public int Requests { get; init; }

    /// <summary>A line for each request, and the failed one in full: at most 64 KiB of UTF-8, without credentials, cookies or captured secrets.</summary>
    /// <remarks>It is kept beside the journal, not in it.</remarks>
    [JsonIgnore]
    public string Evidence { get; init; } = "";

    /// <summary>Every run of the file: one, or two where the first did not pass.</summary>
    public IReadOnlyList<SmokeAttempt> Attempts { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Outcome}: {Name}{(Line > 0 ? $" ({Path}:{Line})" : "")}{(Message.Length > 0 ? $": {Message}" : "")}";
}
