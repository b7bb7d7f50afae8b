using DeployOps.Gates;

namespace DeployOps.Smoke;

/// <summary>All smoke tests of one run, and what they say together.</summary>
/// <param name="Checks">One for each file, in the order the files were given.</param>
/// <param name="Verdict">Fail where a check failed or could not run; Pass where none did and one passed; else Unknown.</param>
/// <param name="Summary">The numbers in one line, and what failed first.</param>
public sealed record SmokeSuite(IReadOnlyList<SmokeCheck> Checks, GateVerdict Verdict, string Summary)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Verdict}: {Summary}";
}
