namespace Rcomm.Listening.Handover;

/// <summary>What a listening socket is that one process hands over to another.</summary>
/// <param name="Role">What it is for, in the words of the program: sockets of one role at one address are shards.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="OwnsFile">True where the new process becomes the one to remove a Unix socket's file.</param>
/// <param name="IsSystems">True where the service manager holds it too, and goes on with it when no process of the service runs.</param>
public sealed record HandedSocket(string Role, string Address, bool OwnsFile, bool IsSystems);
