using System.Globalization;
using DeployOps.Migrations;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>The database a connection string names, and how to connect to it. Nothing of it but host, port and names is ever shown.</summary>
internal sealed class PostgreSqlServer
{
    private const int LongestApplicationName = 63;

    // A network that is gone is noticed within a minute by what only waits: the system asks the other side then, in its own words, nine times.
    private const int KeepAliveSeconds = 10;
    private const int KeepAliveBetweenSeconds = 5;

    // More than the server itself allows a look, and less than a person waits for a stop.
    private const int ImpatientSeconds = 5;
    private static readonly (string Name, string Value, int Since) English = ("lc_messages", "C", 10);
    private readonly NpgsqlConnectionStringBuilder settings;

    private PostgreSqlServer(NpgsqlConnectionStringBuilder settings) => this.settings = settings;

    /// <summary>The database's name on the server.</summary>
    internal string Database => settings.Database!;

    /// <summary>Where it is, for messages: <c>shop on db1:5432</c>.</summary>
    internal string Place => $"{Database} on {Name}";

    /// <summary>The server alone, for messages: <c>db1:5432</c>.</summary>
    internal string Name => string.Create(CultureInfo.InvariantCulture, $"{settings.Host}:{settings.Port}");

    /// <summary>Whether it is reached without a network: by the loopback interface or a socket in the file system.</summary>
    internal bool IsLoopback => settings.Host!.StartsWith('/') || settings.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (System.Net.IPAddress.TryParse(settings.Host, out var address) && System.Net.IPAddress.IsLoopback(address));

    /// <summary>Reads the connection string.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseConnectionStringInvalid</c>; it does not repeat the text, which may hold a secret.</exception>
    internal static PostgreSqlServer Of(DatabaseSpec database)
    {
        var builder = Read(database);
        if (string.IsNullOrEmpty(builder.Host) || builder.Host.Contains(',', StringComparison.Ordinal) || string.IsNullOrEmpty(builder.Database))
        {
            throw Invalid(database);
        }

        // No pool: a closed connection is gone, and with it its locks and builder. How long statements may run is the server's and the caller's business.
        builder.Pooling = false;
        builder.ApplicationName = "deployops";
        builder.Enlist = false;
        builder.CommandTimeout = 0;
        builder.IncludeErrorDetail = false;
        builder.PersistSecurityInfo = false;
        builder.IncludeFailedBatchedCommand = true;
        builder.TcpKeepAlive = true;
        builder.TcpKeepAliveTime = KeepAliveSeconds;
        builder.TcpKeepAliveInterval = KeepAliveBetweenSeconds;
        builder.Passfile = FullPath(builder.Passfile, database);
        builder.RootCertificate = FullPath(builder.RootCertificate, database);
        builder.SslCertificate = FullPath(builder.SslCertificate, database);
        builder.SslKey = FullPath(builder.SslKey, database);

        return new PostgreSqlServer(builder);
    }

    /// <summary>Another database of the same server, by the same account.</summary>
    internal PostgreSqlServer At(string database) => new(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Database = database });

    /// <summary>The same database for short questions: an answer that does not come within 5 s is not waited for, and its connection is given up.</summary>
    internal PostgreSqlServer Impatient() => new(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { CommandTimeout = ImpatientSeconds });

    /// <summary>What others see of a connection in <c>pg_stat_activity</c>.</summary>
    internal static string ApplicationName(string purpose)
    {
        var name = $"deployops/{purpose}";
        return name.Length <= LongestApplicationName ? name : name[..LongestApplicationName];
    }

    /// <summary>Connects.</summary>
    /// <param name="purpose">What for, as others see it in <c>pg_stat_activity</c> after <c>deployops/</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>.</exception>
    internal async Task<NpgsqlConnection> OpenAsync(string purpose, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            // Not in the connection string: the driver reads the server's types anew for every other one, and remembers each.
            await connection.ExecuteAsync("SELECT set_config('application_name', $1, false)", [ApplicationName(purpose)], cancellationToken);
            return connection;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            await connection.DisposeAsync();
            throw PostgreSqlErrors.Unreachable(this, e);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// The same connection as the environment of PostgreSQL's own programs. The password is in it: an environment is readable by its account alone,
    /// a command line by everyone.
    /// </summary>
    /// <exception cref="DeployOpsException"><c>DatabaseConnectionStringInvalid</c> where they cannot be told what the connection string says.</exception>
    internal IReadOnlyDictionary<string, string?> Environment() => PostgreSqlEnvironment.Unsupported(settings) is not { } unsupported
        ? PostgreSqlEnvironment.Of(settings, System.Environment.GetEnvironmentVariable)
        : throw new DeployOpsException(
            "DatabaseConnectionStringInvalid",
            FaultKind.InvalidData,
            $"The connection string of {Place} says {unsupported}, which pg_dump and pg_restore cannot be told.",
            "Name a certificate in PEM and a key without a password, readable by this account alone.")
        { Target = Database };

    /// <summary>The same for a program whose words are read: the server speaks English to it, where the account may ask for that.</summary>
    /// <exception cref="DeployOpsException">Those of <see cref="Environment"/>; <c>DatabaseUnreachable</c>.</exception>
    internal async Task<IReadOnlyDictionary<string, string?>> EnvironmentInEnglishAsync(CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string?>(Environment(), StringComparer.Ordinal);
        await using var connection = await OpenAsync("restore", cancellationToken);
        if (await PostgreSqlSettings.AllowedAsync(connection, [English], cancellationToken) is [var (name, value)])
        {
            environment["PGOPTIONS"] = $"{environment.GetValueOrDefault("PGOPTIONS")} -c {name}={value}".TrimStart();
        }

        return environment;
    }

    private static NpgsqlConnectionStringBuilder Read(DatabaseSpec database)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(database.ConnectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or InvalidOperationException or KeyNotFoundException or InvalidCastException or NotSupportedException)
        {
            throw Invalid(database);
        }
    }

    private static string? FullPath(string? path, DatabaseSpec database) => string.IsNullOrEmpty(path) ? null : Path.GetFullPath(path, database.BaseFolder);

    // Neither the text nor what the parser says of it is shown: both may hold a secret.
    private static DeployOpsException Invalid(DatabaseSpec database) => new(
        "DatabaseConnectionStringInvalid",
        FaultKind.InvalidData,
        $"The connection string of database '{database.Name}' cannot be used.",
        "Write it as 'Host=name;Database=name;Username=name;Password=…' with one host; other keywords are those of Npgsql.")
    { Target = database.Name };
}
