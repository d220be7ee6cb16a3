from chassis.command import main

if __name__ == "__main__":
    main("intake")
