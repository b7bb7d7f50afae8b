namespace DeployOps.Plans.Approvals;

/// <summary>
/// Who acts, by the operating system's word. It tells honest people apart and is no proof: who may set variables for a process
/// can call themselves another.
/// </summary>
/// <param name="Name">The user's name.</param>
/// <param name="Host">The machine.</param>
public sealed record OperatorIdentity(string Name, string Host)
{
    /// <summary>The user of this process; where <c>SUDO_USER</c> is set, the person who called sudo.</summary>
    public static OperatorIdentity Current()
        => From(System.Environment.GetEnvironmentVariable, System.Environment.UserName, System.Environment.MachineName);

    /// <summary>The same from a given environment.</summary>
    /// <param name="environment">Reads an environment variable; null where it is not set.</param>
    /// <param name="user">The operating-system user.</param>
    /// <param name="host">The machine's name.</param>
    public static OperatorIdentity From(Func<string, string?> environment, string user, string host)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var caller = environment("SUDO_USER");
        return new OperatorIdentity(string.IsNullOrWhiteSpace(caller) ? user : caller.Trim(), host);
    }

    /// <summary>
    /// Whether two names mean one person. Case does not count: Windows ignores it, and two people are never told apart by it.
    /// </summary>
    public static bool AreSame(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
