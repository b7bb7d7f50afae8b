namespace DeployOps.Journal;

/// <summary>Which file it is, whatever it is called: as long as it is open, no other one is alike.</summary>
internal readonly record struct FileIdentity(ulong Inode, uint MajorDevice, uint MinorDevice);
