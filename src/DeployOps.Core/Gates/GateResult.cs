namespace DeployOps.Gates;

/// <summary>What a gate answered, with the numbers that decided. Every limit reads "allowed up to and including".</summary>
/// <param name="Name">What was asked, such as <c>health of green-1</c>.</param>
/// <param name="Verdict">The answer.</param>
/// <param name="Detail">The numbers in one line, such as <c>3 of 3 answers were 200 in 0.2 s</c>.</param>
public sealed record GateResult(string Name, GateVerdict Verdict, string Detail)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Verdict}: {Name}: {Detail}";

    /// <summary>The evidence is there and within the limits.</summary>
    public static GateResult Pass(string name, string detail) => new(name, GateVerdict.Pass, detail);

    /// <summary>The evidence is there and against it.</summary>
    public static GateResult Fail(string name, string detail) => new(name, GateVerdict.Fail, detail);

    /// <summary>The evidence is missing.</summary>
    public static GateResult Unknown(string name, string detail) => new(name, GateVerdict.Unknown, detail);
}
