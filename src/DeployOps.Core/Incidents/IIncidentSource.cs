namespace DeployOps.Incidents;

/// <summary>Tells which incidents are open.</summary>
public interface IIncidentSource
{
    /// <summary>The open incidents; empty only where it is certain that there is none.</summary>
    /// <exception cref="DeployOpsException">It cannot be told: the source is out of reach, or does not read as it should.</exception>
    Task<IReadOnlyList<Incident>> FindOpenAsync(CancellationToken cancellationToken);
}
