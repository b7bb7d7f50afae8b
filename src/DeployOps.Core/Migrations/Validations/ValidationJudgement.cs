using DeployOps.Gates;

namespace DeployOps.Migrations.Validations;

/// <summary>What an expectation says of an answer.</summary>
/// <param name="Verdict">Pass, Fail, or Unknown where nobody said what to expect of the rows.</param>
/// <param name="Actual">What was answered, in the words of the expectation.</param>
public sealed record ValidationJudgement(GateVerdict Verdict, string Actual);
