namespace DeployOps.Journal;

/// <summary>The first line of a journal that is wrong.</summary>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record JournalFault(long Line, string Reason);
