namespace DeployOps.Gates;

/// <summary>The three answers of a gate. Missing evidence is never a pass.</summary>
public enum GateVerdict
{
    /// <summary>The evidence is there and within every limit.</summary>
    Pass,

    /// <summary>The evidence is there and against it.</summary>
    Fail,

    /// <summary>The evidence is missing or too little.</summary>
    Unknown,
}
