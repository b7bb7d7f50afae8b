namespace DeployOps.Smoke.Syntax;

/// <summary>How an assert judges a value.</summary>
/// <param name="Not">It must not hold. A wrong type fails either way.</param>
/// <param name="Kind">How.</param>
/// <param name="Operand">What it compares with, where it does.</param>
internal sealed record HurlPredicate(bool Not, HurlPredicateKind Kind, HurlOperand? Operand);
