import socket

try:
    with socket.create_connection(("127.0.0.1", int("@PORT@")), timeout=1) as connection:
        connection.sendall(b"CANARY")
        print("LEAKED over the network")
except OSError as error:
    print(type(error).__name__)
