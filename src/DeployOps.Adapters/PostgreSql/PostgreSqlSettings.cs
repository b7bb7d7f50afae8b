using System.Globalization;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Settings of a session.</summary>
internal static class PostgreSqlSettings
{
    /// <summary>What the text of a value depends on, so that the same value reads the same in every database and session.</summary>
    internal static IReadOnlyList<string> Texts { get; } =
    [
        "SET TimeZone = 'UTC'", "SET DateStyle = 'ISO, YMD'", "SET IntervalStyle = 'postgres'", "SET extra_float_digits = 1", "SET bytea_output = 'hex'",
    ];

    /// <summary>
    /// What a script runs under where the server lets it, from which version on. A server that lost its client stops by itself; on Windows none can be asked to look.
    /// </summary>
    internal static IReadOnlyList<(string Name, string Value, int Since)> Wanted { get; } = [("idle_in_transaction_session_timeout", "60s", 10), ("client_connection_check_interval", "1s", 14)];

    /// <summary>Lets a statement wait for a lock as long as the script may run, until its transaction ends.</summary>
    internal const string Patient = "SET LOCAL lock_timeout = 0";

    /// <summary>Those that the server takes, asked outside of transactions. One that it refuses is left out: without it a migration is less safe, and with it there would be none.</summary>
    /// <param name="connection">A connection to it.</param>
    /// <param name="wanted">What is wanted.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="NpgsqlException">It refused for another reason than the setting.</exception>
    internal static async Task<IReadOnlyList<(string Name, string Value)>> AllowedAsync(NpgsqlConnection connection, IEnumerable<(string Name, string Value, int Since)> wanted, CancellationToken cancellationToken)
    {
        var known = wanted.Where(one => connection.PostgreSqlVersion.Major >= one.Since).Select(one => (one.Name, one.Value)).ToList();
        if (await AreTakenAsync(connection, known, cancellationToken))
        {
            return known;
        }

        var allowed = new List<(string Name, string Value)>();
        foreach (var one in known)
        {
            if (await AreTakenAsync(connection, [one], cancellationToken))
            {
                allowed.Add(one);
            }
        }

        return allowed;
    }

    private static async Task<bool> AreTakenAsync(NpgsqlConnection connection, IReadOnlyList<(string Name, string Value)> settings, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ExecuteAsync(cancellationToken, $"SELECT {string.Join(", ", settings.Select(one => $"set_config('{one.Name}', '{one.Value}', false)"))}");
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidParameterValue or PostgresErrorCodes.CantChangeRuntimeParam or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.FeatureNotSupported)
        {
            return false;
        }
    }

    /// <summary>A length of time as a setting: whole milliseconds, 0 where it has no end.</summary>
    internal static string Milliseconds(TimeSpan time) =>
        time == Timeout.InfiniteTimeSpan ? "0" : Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 1, int.MaxValue).ToString("0", CultureInfo.InvariantCulture);
}
