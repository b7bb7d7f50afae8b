using DeployOps.Gates;
using DeployOps.Migrations.States;

namespace DeployOps.Migrations.Validations;

/// <summary>What one validation query answered, judged.</summary>
public sealed record ValidationCheck
{
    private const int ToldRows = 3;

    /// <summary>The query's name.</summary>
    public required string Name { get; init; }

    /// <summary>The file it stands in.</summary>
    public required string File { get; init; }

    /// <summary>When it was asked: before the migration or after it.</summary>
    public ValidationMoments When { get; init; } = ValidationMoments.After;

    /// <summary>What was expected, as written.</summary>
    public required string Expected { get; init; }

    /// <summary>What was answered, or the server's words where it failed.</summary>
    public required string Actual { get; init; }

    /// <summary>Pass, Fail, or Unknown where it did not finish in time or nobody said what to expect of its rows.</summary>
    public required GateVerdict Verdict { get; init; }

    /// <summary>True where it returned rows and the file says nothing of them, or where it did not pass and says that it only warns: a warning, never a pass.</summary>
    public bool IsWarning { get; init; }

    /// <summary>How long the query took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The first rows as <c>column=value</c> text.</summary>
    public IReadOnlyList<string> SampleRows { get; init; } = [];

    /// <summary>Whether it speaks against the migration: anything but a pass, unless it is a warning.</summary>
    public bool Refuses => Verdict != GateVerdict.Pass && !IsWarning;

    /// <summary>It in a sentence, with the first rows where it failed by them.</summary>
    internal string Told
    {
        get
        {
            var sample = Verdict == GateVerdict.Fail && SampleRows.Count > 0 ? $" (such as {string.Join("; ", SampleRows.Take(ToldRows))})" : "";
            return Verdict == GateVerdict.Unknown && !IsWarning
                ? $"{Name}: expected {Expected}, could not be asked: {Actual.TrimEnd('.')}"
                : $"{Name}: expected {Expected}, got {Actual}{sample}";
        }
    }

    /// <summary>It as a warning, with what to do where its file says nothing of its rows.</summary>
    internal string Warning => File == StateChecks.File ? Told : Expected == ValidationExpectation.Unstated.Text && Verdict == GateVerdict.Unknown ? $"{File}: {Told}; say what to expect with -- expect:" : $"{File}: {Told}";

    /// <inheritdoc/>
    public override string ToString() => $"{Verdict}: {Name}: expected {Expected}, got {Actual}";
}
