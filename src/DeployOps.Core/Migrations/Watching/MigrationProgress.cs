using System.Globalization;

namespace DeployOps.Migrations.Watching;

/// <summary>How far a script is.</summary>
public sealed record MigrationProgress
{
    /// <summary>The script's file name.</summary>
    public required string Script { get; init; }

    /// <summary>How long it has run.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The statement that runs, from 1; null where it is not known.</summary>
    public int? Statement { get; init; }

    /// <summary>How many statements there are; null where it is not known.</summary>
    public int? Statements { get; init; }

    /// <summary>How often the statement was run already, where it is repeated.</summary>
    public int Rounds { get; init; }

    /// <summary>What the last look saw; null before there was one.</summary>
    public MigrationSample? Sample { get; init; }

    /// <summary>What a gate waits for; empty where none does.</summary>
    public string Holds { get; init; } = "";

    /// <summary>0 to 100: of the statement where the server knows it, else of the script's statements; null where neither is known.</summary>
    public int? Percent => Sample?.Percent ?? (Statement is { } at && Statements is > 1 and var of ? 100 * (at - 1) / of : null);

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Words().Where(word => word.Length > 0));

    private IEnumerable<string> Words()
    {
        yield return Statement is { } at ? string.Create(CultureInfo.InvariantCulture, $"{Script}: statement {at} of {Statements}") : Script;
        yield return Rounds > 0 ? string.Create(CultureInfo.InvariantCulture, $"round {Rounds + 1}") : "";
        yield return Sample?.Percent is { } percent ? string.Create(CultureInfo.InvariantCulture, $"{percent} %") : "";
        yield return Sample?.Work ?? "";
        yield return WatchText.Time(Elapsed);
        yield return Sample is { Percent: null, Grown: > 0 and var grown } ? $"the database grew by {WatchText.Size(grown)}" : "";
        yield return Sample?.Cpu is { } cpu ? $"processors {WatchText.Percent(Math.Round(cpu, 2))} busy" : "";
        yield return Holds.Length > 0 ? $"held: {Holds}" : "";
        yield return Sample is { WaitsFor.Length: > 0, State: "active" } waiting ? $"waits for {waiting.WaitsFor}" : "";
        yield return Sample is { BlockedBy: { Count: > 0 } by } ? $"blocked by {string.Join("; ", by)}" : "";
        yield return string.Join(", ", (Sample?.Slots ?? []).Where(slot => slot.IsIdle || slot.IsLost).Select(slot => slot.IsLost ? $"slot {slot.Name} has lost its log" : slot.ToString()));
        yield return Sample is { Blocks: { Count: > 0 } blocks } ? $"blocks {blocks}" : "";
    }
}
