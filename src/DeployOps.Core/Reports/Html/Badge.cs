using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Reports.Html;

/// <summary>A word in the colour of its meaning. The word alone tells it too.</summary>
internal static class Badge
{
    internal static Tag Of(string words, Tone tone) => new Tag("span", words).With("class", $"badge {Class(tone)}");

    internal static Tag Of(GateVerdict verdict) => Of(verdict.ToString(), verdict switch
    {
        GateVerdict.Pass => Tone.Good,
        GateVerdict.Fail => Tone.Bad,
        _ => Tone.Warn,
    });

    internal static Tag Of(PhaseOutcome? outcome) => Of(ReportText.Outcome(outcome), ToneOf(outcome));

    /// <summary>The colour of a phase's outcome; null is a phase that goes on.</summary>
    internal static Tone ToneOf(PhaseOutcome? outcome) => outcome switch
    {
        PhaseOutcome.Succeeded => Tone.Good,
        PhaseOutcome.Failed or PhaseOutcome.RollbackFailed => Tone.Bad,
        null or PhaseOutcome.Running or PhaseOutcome.Planned => Tone.Plain,
        _ => Tone.Warn,
    };

    /// <summary>The style sheet's name of a tone.</summary>
    internal static string Class(Tone tone) => tone switch
    {
        Tone.Good => "good",
        Tone.Bad => "bad",
        Tone.Warn => "warn",
        _ => "plain",
    };
}
