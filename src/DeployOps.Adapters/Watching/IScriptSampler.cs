using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Watching;

/// <summary>Looks at a session that runs a script, at who waits for it and at the replicas.</summary>
internal interface IScriptSampler
{
    /// <summary>How long it has looked.</summary>
    TimeSpan Elapsed { get; }

    /// <summary>What the looks do not show, in words.</summary>
    IEnumerable<string> Unknown { get; }

    /// <summary>Why it never shows how busy the server's processors are; null where it does, or tells it among <see cref="Unknown"/>.</summary>
    string? ProcessorsUnknown => null;

    /// <summary>Takes a look.</summary>
    /// <exception cref="System.Data.Common.DbException">The server did not answer, or not in time.</exception>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>.</exception>
    Task<MigrationSample> LookAsync();

    /// <summary>Why a look failed, without values of rows.</summary>
    string Words(Exception fault);
}
