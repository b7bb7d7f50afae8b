namespace Shop.Edge;

/// <summary>Ties one request to the revision it is routed by, until it is in flight at its destination.</summary>
internal sealed class RoutingTicket(EdgeRevision revision)
{
    private int _left;

    /// <summary>The revision.</summary>
    public EdgeRevision Revision => revision;

    /// <summary>Gives the ticket back; a second time does nothing.</summary>
    public void Leave()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            revision.Leave();
        }
    }
}
