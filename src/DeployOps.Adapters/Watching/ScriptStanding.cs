using System.Globalization;

namespace DeployOps.Adapters.Watching;

/// <summary>How far a script has come, in words for whoever stops it or sees it fail.</summary>
internal sealed class ScriptStanding
{
    private int number;
    private int line;
    private int done;
    private int next;
    private bool unknown;
    private string part = "";
    private string kept = "";
    private string happened = "";

    /// <summary>Whether a next run begins the script anew, as one of a repeatable script does. Default false.</summary>
    internal bool BeginsAnew { get; init; }

    /// <summary>What of the script is left.</summary>
    internal string Left { get; private set; } = "Nothing of the script is left.";

    /// <summary>A statement begins.</summary>
    /// <param name="statement">Its number, from 1.</param>
    /// <param name="at">Its line.</param>
    /// <param name="before">How many before it are in effect.</param>
    /// <param name="resume">The statement that a next run begins with: this one, or the one that began the transaction it is in.</param>
    /// <param name="cannotTell">Whether nobody can tell what came of it if it is cut off.</param>
    internal void Begins(int statement, int at, int before, int resume, bool cannotTell)
    {
        (number, line, done, next, unknown) = (statement, at, before, resume, cannotTell);
        (part, kept) = ("", "");
        Tell("was interrupted");
    }

    /// <summary>A statement is to begin and waits at its gate.</summary>
    /// <param name="statement">Its number, from 1.</param>
    /// <param name="at">Its line.</param>
    internal void Waits(int statement, int at)
    {
        Begins(statement, at, statement - 1, statement, cannotTell: false);
        Tell("was not begun");
    }

    /// <summary>A round of the statement is committed.</summary>
    /// <param name="rounds">How many are.</param>
    /// <param name="rows">How many rows they touched together.</param>
    internal void Commits(int rounds, long rows)
    {
        part = string.Create(CultureInfo.InvariantCulture, $" Of it {(rounds == 1 ? "1 round" : $"{rounds} rounds")} with {rows} rows are committed and stay.");
        Tell("was interrupted");
    }

    /// <summary>The statement runs by itself: nobody can tell what came of it if it is cut off.</summary>
    internal void RunsAlone()
    {
        unknown = true;
        Tell("was interrupted");
    }

    /// <summary>The statement failed.</summary>
    /// <param name="cannotTell">Whether some of it may be in effect all the same; else nothing of it is.</param>
    internal void Fails(bool cannotTell = false)
    {
        unknown = cannotTell;
        Tell("failed");
    }

    /// <summary>The statement failed while it ran by itself, where it may commit.</summary>
    internal void FailsWithin() => Left = string.Create(
        CultureInfo.InvariantCulture,
        $"Statement {number} (line {line}) failed while it ran by itself, where it may commit: what it had committed until then is in effect and stays. {Before()}; the next run does not run it again until somebody has looked, and says how.");

    /// <summary>Some of the statement could not be taken back.</summary>
    /// <param name="what">What, as a sentence.</param>
    /// <param name="cannotTell">Whether nobody can tell by that what came of it.</param>
    internal void Keeps(string what, bool cannotTell)
    {
        (kept, unknown) = ($" {what}", unknown || cannotTell);
        Tell(happened);
    }

    /// <summary>A script in one transaction ended without success.</summary>
    /// <param name="left">What of it is left.</param>
    internal void Ends(string left) => Left = left;

    private void Tell(string what)
    {
        happened = what;
        var then = BeginsAnew ? "begins the script anew" : unknown ? "looks whether it took effect" : next == number ? "continues with it" : string.Create(CultureInfo.InvariantCulture, $"continues with statement {next}, which begins its transaction");
        Left = string.Create(CultureInfo.InvariantCulture, $"Statement {number} (line {line}) {happened}. {Before()}; the next run {then}.{part}{kept}");
    }

    private string Before() => done switch
    {
        0 => "Nothing before it is in effect",
        1 => "The one before it is committed and stays",
        _ => string.Create(CultureInfo.InvariantCulture, $"The {done} before it are committed and stay"),
    };
}
