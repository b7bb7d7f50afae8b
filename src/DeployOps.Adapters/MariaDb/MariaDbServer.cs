using System.Globalization;
using DeployOps.Migrations;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>The database a connection string names, and how to connect to it. Nothing of it but host, port and names is ever shown.</summary>
internal sealed class MariaDbServer
{
    private readonly MySqlConnectionStringBuilder settings;

    private MariaDbServer(MySqlConnectionStringBuilder settings, string database) => (this.settings, Database) = (settings, database);

    /// <summary>The database's name on the server.</summary>
    internal string Database { get; }

    /// <summary>Where it is, for messages: <c>shop on db1:3306</c>.</summary>
    internal string Place => string.Create(CultureInfo.InvariantCulture, $"{Database} on {settings.Server}:{settings.Port}");

    /// <summary>The server, for messages: <c>db1:3306</c>.</summary>
    internal string Name => string.Create(CultureInfo.InvariantCulture, $"{settings.Server}:{settings.Port}");

    /// <summary>The host, as the connection string names it.</summary>
    internal string Host => settings.Server;

    /// <summary>Whether this program shows a certificate of its own where it connects.</summary>
    internal bool HasCertificate => settings.SslCert.Length > 0;

    /// <summary>Whether it is reached without a network: by the loopback interface or a socket in the file system.</summary>
    internal bool IsLoopback => settings.Server.StartsWith('/') || settings.Server.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (System.Net.IPAddress.TryParse(settings.Server, out var address) && System.Net.IPAddress.IsLoopback(address));

    /// <summary>Reads the connection string.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseConnectionStringInvalid</c>; it does not repeat the text, which may hold a secret.</exception>
    internal static MariaDbServer Of(DatabaseSpec database)
    {
        var builder = Read(database);
        if (string.IsNullOrEmpty(builder.Server) || builder.Server.Contains(',', StringComparison.Ordinal) || string.IsNullOrEmpty(builder.Database) || builder.CertificateFile.Length > 0 || builder.PipeName != "MYSQL")
        {
            throw Invalid(database);
        }

        // No pool: a closed connection is gone, and with it its locks. How long statements may run is the server's and the caller's business.
        builder.Pooling = false;
        builder.AutoEnlist = false;
        builder.DefaultCommandTimeout = 0;
        builder.PersistSecurityInfo = false;
        builder.ApplicationName = "deployops";
        builder.Keepalive = 30;
        // Scripts use variables of their own, and a server that may ask for files of this machine gets none.
        builder.AllowUserVariables = true;
        builder.AllowLoadLocalInfile = false;
        builder.AllowZeroDateTime = true;
        builder.UseAffectedRows = false;
        builder.TreatTinyAsBoolean = false;
        builder.GuidFormat = MySqlGuidFormat.None;
        builder.CharacterSet = "utf8mb4";
        builder.SslCa = FullPath(builder.SslCa, database);
        builder.SslCert = FullPath(builder.SslCert, database);
        builder.SslKey = FullPath(builder.SslKey, database);

        return new MariaDbServer(builder, builder.Database);
    }

    /// <summary>Another database of the same server, by the same account.</summary>
    internal MariaDbServer At(string database) => new(new MySqlConnectionStringBuilder(settings.ConnectionString) { Database = database }, database);

    /// <summary>The same database by another account.</summary>
    internal MariaDbServer As(string user, string password) => new(new MySqlConnectionStringBuilder(settings.ConnectionString) { UserID = user, Password = password }, Database);

    /// <summary>The same account and database on another server, such as a replica.</summary>
    internal MariaDbServer On(string host, uint port) => new(new MySqlConnectionStringBuilder(settings.ConnectionString) { Server = host, Port = port, Database = "" }, Database);

    /// <summary>Connects.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>.</exception>
    internal Task<MySqlConnection> OpenAsync(CancellationToken cancellationToken) => OpenAsync(settings, cancellationToken);

    /// <summary>Asks by a connection of its own.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseBusy</c>, <c>DatabaseReadFailed</c>, <c>DatabaseConnectionLost</c> or <c>DatabaseUnreachable</c>.</exception>
    internal Task<T> AskAsync<T>(DatabaseJobs jobs, Func<MySqlConnection, CancellationToken, Task<T>> ask, CancellationToken cancellationToken) => jobs.RunAsync(
        async token =>
        {
            await using var connection = await OpenAsync(token);
            try
            {
                return await ask(connection, token);
            }
            catch (MySqlException e)
            {
                throw MariaDbErrors.Of(this, e);
            }
        },
        cancellationToken);

    /// <summary>Connects to the server without choosing a database: that one need not be there.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>.</exception>
    internal Task<MySqlConnection> OpenServerAsync(CancellationToken cancellationToken) =>
        OpenAsync(new MySqlConnectionStringBuilder(settings.ConnectionString) { Database = "" }, cancellationToken);

    /// <summary>The same with a limit to how long an answer is waited for: where the network is gone, the server's own limits reach nobody.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>.</exception>
    internal Task<MySqlConnection> OpenServerAsync(TimeSpan patience, CancellationToken cancellationToken) => OpenAsync(
        new MySqlConnectionStringBuilder(settings.ConnectionString)
        {
            Database = "",
            DefaultCommandTimeout = (uint)Math.Ceiling(patience.TotalSeconds),
            ConnectionTimeout = Math.Min(settings.ConnectionTimeout, (uint)Math.Ceiling(patience.TotalSeconds)),
        },
        cancellationToken);

    /// <summary>The same connection as options for MariaDB's own programs, for a file that only its owner may read: a command line is readable by everyone.</summary>
    /// <param name="encrypted">Whether the connection of this program is.</param>
    internal IEnumerable<(string Name, string? Value)> Options(bool encrypted)
    {
        yield return settings.Server.StartsWith('/') ? ("socket", settings.Server) : ("host", settings.Server);
        yield return ("protocol", settings.Server.StartsWith('/') ? "socket" : "tcp");
        yield return ("port", settings.Port.ToString(CultureInfo.InvariantCulture));
        yield return ("user", settings.UserID);
        yield return ("password", settings.Password);
        yield return encrypted ? ("ssl", null) : ("skip-ssl", null);
        if (settings.SslMode == MySqlSslMode.VerifyFull)
        {
            yield return ("ssl-verify-server-cert", null);
        }

        foreach (var (name, path) in new[] { ("ssl-ca", settings.SslCa), ("ssl-cert", settings.SslCert), ("ssl-key", settings.SslKey) })
        {
            if (path.Length > 0)
            {
                yield return (name, path);
            }
        }
    }

    private async Task<MySqlConnection> OpenAsync(MySqlConnectionStringBuilder target, CancellationToken cancellationToken)
    {
        var connection = new MySqlConnection(target.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch (Exception e) when (e is MySqlException or TimeoutException or InvalidOperationException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            await connection.DisposeAsync();
            throw MariaDbErrors.Unreachable(this, e);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static MySqlConnectionStringBuilder Read(DatabaseSpec database)
    {
        try
        {
            var builder = new MySqlConnectionStringBuilder(database.ConnectionString);
            // A value that cannot be read is found out only when it is asked for.
            _ = (builder.Port, builder.SslMode, builder.ConnectionTimeout, builder.TlsVersion, builder.ConnectionProtocol);
            return builder;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or InvalidOperationException or KeyNotFoundException or InvalidCastException or NotSupportedException)
        {
            throw Invalid(database);
        }
    }

    private static string FullPath(string path, DatabaseSpec database) => path.Length == 0 ? "" : Path.GetFullPath(path, database.BaseFolder);

    // Neither the text nor what the parser says of it is shown: both may hold a secret.
    private static DeployOpsException Invalid(DatabaseSpec database) => new(
        "DatabaseConnectionStringInvalid",
        FaultKind.InvalidData,
        $"The connection string of database '{database.Name}' cannot be used.",
        "Write it as 'Server=name;Database=name;User ID=name;Password=…' with one server; other keywords are those of MySqlConnector.")
    { Target = database.Name };
}
